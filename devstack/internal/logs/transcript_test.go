package logs

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const goldenDir = "../../testdata/golden"

// exchange is one recorded request and its answer.
type exchange struct {
	File    string
	Name    string
	Request struct {
		Method   string
		Path     string
		Query    [][2]string
		RawQuery string `json:"raw_query"`
		Headers  map[string]string
		List     [][2]string `json:"headers_list"`
		Body     string
		Base64   string `json:"body_base64"`
		BodyFile string `json:"body_file"`
		CutFrom  int    `json:"body_truncated_from_bytes"`
	}
	Response struct {
		Status  int
		Headers map[string]string
		Body    string
		CutFrom int     `json:"body_truncated_from_chars"`
		Excerpt bool    `json:"body_excerpt"`
		Chunks  []chunk `json:"chunks_ms_text"`
	}
}

// chunk is a text of a stream with the milliseconds after which it came.
type chunk struct{ text string }

// UnmarshalJSON reads [ms, text].
func (c *chunk) UnmarshalJSON(b []byte) error {
	var ms float64
	return json.Unmarshal(b, &[]any{&ms, &c.text})
}

// readTranscripts returns all exchanges in recorded order.
func readTranscripts(t *testing.T) (all []exchange) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(goldenDir, "victorialogs", "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		all = append(all, readTranscript(t, file)...)
	}
	return all
}

func readTranscript(t *testing.T, file string) (all []exchange) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 64<<20)
	for sc.Scan() {
		e := exchange{File: strings.TrimSuffix(filepath.Base(file), ".jsonl")}
		if err := json.Unmarshal(sc.Bytes(), &e); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, e)
	}
	return all
}

// id names an exchange across files.
func (e exchange) id() string { return e.File + "/" + e.Name }

func (e exchange) arg(name string) string {
	for _, kv := range e.Request.Query {
		if kv[0] == name {
			return kv[1]
		}
	}
	return ""
}

// reply is what a server answered.
type reply struct {
	status int
	header http.Header
	body   []byte
}

var client = &http.Client{
	Transport:     &http.Transport{DisableCompression: true, DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// open repeats the recorded request at base and gives the answer unread.
func (e exchange) open(ctx context.Context, base string) (*http.Response, error) {
	body, err := e.body()
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, e.Request.Method, base+e.Request.Path+e.query(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for k, v := range e.Request.Headers {
		req.Header.Set(k, v)
	}
	for _, kv := range e.Request.List {
		req.Header.Add(kv[0], kv[1])
	}
	return client.Do(req)
}

func (e exchange) send(ctx context.Context, base string) (reply, error) {
	res, err := e.open(ctx, base)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	var from io.Reader = res.Body
	if res.Header.Get("Content-Encoding") == "gzip" {
		if from, err = gzip.NewReader(res.Body); err != nil {
			return reply{}, err
		}
	}
	body, err := io.ReadAll(from)
	return reply{res.StatusCode, res.Header, body}, err
}

func (e exchange) query() string {
	if e.Request.RawQuery != "" {
		return "?" + e.Request.RawQuery
	}
	var pairs []string
	for _, kv := range e.Request.Query {
		pairs = append(pairs, url.QueryEscape(kv[0])+"="+url.QueryEscape(kv[1]))
	}
	return "?" + strings.Join(pairs, "&")
}

func (e exchange) body() ([]byte, error) {
	switch {
	case e.Request.BodyFile != "":
		return os.ReadFile(filepath.Join(goldenDir, e.Request.BodyFile))
	case e.Request.Base64 != "":
		return base64.StdEncoding.DecodeString(e.Request.Base64)
	case e.Request.CutFrom > 0: // the recording leaves out most of the message
		head, tail, _ := strings.Cut(e.Request.Body, " ... ")
		return []byte(head + strings.Repeat("y", e.Request.CutFrom-len(head)-len(tail)) + tail), nil
	}
	return []byte(e.Request.Body), nil
}

// check compares an answer with the recorded one; nil means the same.
func (e exchange) check(got reply) error {
	var errs []error
	if got.status != e.Response.Status {
		errs = append(errs, fmt.Errorf("status %d, recorded %d", got.status, e.Response.Status))
	}
	for _, name := range []string{"Content-Type", "Content-Encoding", "Access-Control-Allow-Origin"} {
		g, w := got.header.Get(name), e.Response.Headers[name]
		if shown := w != "" || len(e.Request.List) == 0; g != w && shown {
			errs = append(errs, fmt.Errorf("%s %q, recorded %q", name, g, w))
		}
	}
	if e.Request.Method != http.MethodHead {
		errs = append(errs, e.checkBody(string(got.body)))
	}
	return errors.Join(errs...)
}
