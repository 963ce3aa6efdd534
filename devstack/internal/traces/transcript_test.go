package traces

import (
	"bufio"
	"bytes"
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

	"github.com/klauspost/compress/gzip"
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
		Headers  map[string]string
		Body     string
		Base64   string `json:"body_base64"`
		BodyFile string `json:"body_file"`
		RawQuery string `json:"raw_query"`
	}
	Response struct {
		Status     int
		Headers    map[string]string
		Body       string
		Excerpt    any    `json:"body_excerpt"`
		CutFrom    int    `json:"body_truncated_from_chars"`
		Connection string // set when there was no answer
	}
}

// readTranscripts returns all exchanges in recorded order.
func readTranscripts(t *testing.T) (all []exchange) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(goldenDir, "victoriatraces", "*.jsonl"))
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

// reply is what a server answered.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// send repeats the recorded request at base.
func (e exchange) send(ctx context.Context, base string) (reply, error) {
	body, err := e.requestBody()
	if err != nil {
		return reply{}, err
	}
	req, err := http.NewRequestWithContext(ctx, e.Request.Method, base+e.Request.Path+e.query(), bytes.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	for k, v := range e.Request.Headers {
		req.Header.Set(k, v)
	}
	client := &http.Client{
		Transport:     &http.Transport{DisableCompression: true, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	res, err := client.Do(req)
	if err != nil {
		return reply{}, err
	}
	return readReply(res)
}

func readReply(res *http.Response) (reply, error) {
	defer res.Body.Close()
	var from io.Reader = res.Body
	if res.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(res.Body)
		if err != nil {
			return reply{}, err
		}
		from = z
	}
	body, err := io.ReadAll(from)
	return reply{res.StatusCode, res.Header, body}, err
}

func (e exchange) query() string {
	var pairs []string
	for _, kv := range e.Request.Query {
		pairs = append(pairs, url.QueryEscape(kv[0])+"="+url.QueryEscape(kv[1]))
	}
	if e.Request.RawQuery != "" {
		pairs = []string{e.Request.RawQuery}
	}
	if len(pairs) == 0 {
		return ""
	}
	return "?" + strings.Join(pairs, "&")
}

func (e exchange) requestBody() ([]byte, error) {
	switch {
	case e.Request.BodyFile != "":
		return os.ReadFile(filepath.Join(goldenDir, e.Request.BodyFile))
	case e.Request.Base64 != "":
		return base64.StdEncoding.DecodeString(e.Request.Base64)
	}
	return []byte(e.Request.Body), nil
}

// check compares an answer with the recorded one; nil means the same.
func (e exchange) check(got reply) error {
	if e.Response.Connection != "" {
		return fmt.Errorf("status %d, recorded: connection %s", got.status, e.Response.Connection)
	}
	var errs []error
	if got.status != e.Response.Status {
		errs = append(errs, fmt.Errorf("status %d, recorded %d", got.status, e.Response.Status))
	}
	for _, name := range []string{"Content-Type", "Content-Encoding", "Access-Control-Allow-Origin", "Vary"} {
		if g, w := got.header.Get(name), e.Response.Headers[name]; g != w {
			errs = append(errs, fmt.Errorf("%s %q, recorded %q", name, g, w))
		}
	}
	if e.Request.Method != http.MethodHead {
		errs = append(errs, e.checkBody(got.body))
	}
	return errors.Join(errs...)
}
