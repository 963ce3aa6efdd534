package victoriametrics

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/upstream"
	"github.com/platformbuilds/mirador-core/services/query/internal/read"
)

const golden = "../../../../devstack/testdata/golden/"

// exchange is one recorded request with its answer.
type exchange struct {
	Name    string
	Request struct {
		Method  string
		Path    string
		Query   [][2]string
		Headers map[string]string
	}
	Response struct {
		Status    int
		Headers   map[string]string
		Body      string
		Truncated int `json:"body_truncated_from_chars"`
		Decoded   string
		Excerpt   any `json:"body_excerpt"`
	}
}

func load(t *testing.T, folder string, files ...string) []exchange {
	t.Helper()
	var list []exchange
	for _, name := range files {
		f, err := os.Open(filepath.Join(golden, folder, name+".jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lines := bufio.NewReader(f)
		for {
			line, err := lines.ReadBytes('\n')
			if len(line) > 1 {
				var e exchange
				if err := json.Unmarshal(line, &e); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				list = append(list, e)
			}
			if err != nil {
				break
			}
		}
	}
	return list
}

// request is the one of ours that should lead to the recorded one; ok is
// false when clients of Mirador cannot cause it.
func (e exchange) request(prefix string) (r read.Request, ok bool) {
	endpoint, found := strings.CutPrefix(e.Request.Path, prefix)
	if !found || e.Request.Method != http.MethodGet || len(e.Request.Headers) > 0 || e.Response.Truncated > 0 {
		return nil, false
	}
	v := url.Values{}
	for _, pair := range e.Request.Query {
		v.Add(pair[0], pair[1])
	}
	limit, err := strconv.Atoi("0" + v.Get("limit"))
	if err != nil {
		return nil, false
	}
	narrow := read.Select{Match: v["match[]"], Start: v.Get("start"), End: v.Get("end"), Limit: limit}
	switch {
	case endpoint == "query":
		r = read.Instant{Query: v.Get("query"), Time: v.Get("time"), Step: v.Get("step")}
	case endpoint == "query_range":
		r = read.Range{Query: v.Get("query"), Start: v.Get("start"), End: v.Get("end"), Step: v.Get("step")}
	case endpoint == "series":
		r = read.Series{Select: narrow}
	case endpoint == "labels":
		r = read.Labels{Select: narrow}
	case endpoint == "metadata":
		r = read.Metadata{Metric: v.Get("metric"), Limit: limit}
	case strings.HasPrefix(endpoint, "label/") && strings.HasSuffix(endpoint, "/values"):
		name, err := url.PathUnescape(strings.TrimSuffix(strings.TrimPrefix(endpoint, "label/"), "/values"))
		if err != nil || name == "" {
			return nil, false
		}
		r = read.LabelValues{Label: name, Select: narrow}
	default:
		return nil, false
	}
	// Only what we can say may have been recorded.
	_, ours, err := target(r)
	return r, err == nil && reflect.DeepEqual(ours, v)
}

func (e exchange) key() string {
	v := url.Values{}
	for _, pair := range e.Request.Query {
		v.Add(pair[0], pair[1])
	}
	return e.Request.Path + "?" + v.Encode()
}

// replay answers what was recorded, and 418 to anything else, so that every
// deviation of ours shows.
func replay(t *testing.T, list []exchange) string {
	t.Helper()
	known := map[string]exchange{}
	for _, e := range list {
		if e.Request.Method == http.MethodGet {
			known[e.key()] = e
		}
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := r.URL.Query()
		v.Del("timeout")
		e, ok := known[r.URL.EscapedPath()+"?"+v.Encode()]
		if !ok {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		w.Header().Set("Content-Type", e.Response.Headers["Content-Type"])
		w.WriteHeader(e.Response.Status)
		_, _ = io.WriteString(w, e.Response.Body)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestGolden(t *testing.T) {
	read := []string{"02-query", "03-query-range", "04-errors", "05-series-labels-metadata"}
	for _, tt := range []struct {
		folder, prefix string
		opts           Options
		files          []string
		least          int
	}{
		{"victoriametrics", "/api/v1/", Options{Mode: Auto, SingleTenant: "demo"}, read, 120},
		{"victoriametrics-cluster", "/select/1/prometheus/api/v1/", Options{Mode: Auto}, append(read, "08-tenants"), 120},
	} {
		t.Run(tt.folder, func(t *testing.T) {
			list := load(t, tt.folder, tt.files...)
			client := newClient(t, tt.opts, replay(t, list))
			covered := 0
			for _, e := range list {
				if r, ok := e.request(tt.prefix); ok {
					covered++
					t.Run(e.Name, func(t *testing.T) { checkExchange(t, client, e, r) })
				}
			}
			if covered < tt.least {
				t.Errorf("only %d exchanges could be replayed", covered)
			}
		})
	}
}

func checkExchange(t *testing.T, client *Client, e exchange, r read.Request) {
	res, err := client.do(t.Context(), caller("demo", 1, 0, ""), r)
	if e.Response.Status == http.StatusOK {
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if body, err := io.ReadAll(res.Body); err != nil || string(body) != e.Response.Body {
			t.Errorf("the body changed: %v\n%s", err, body)
		}
		return
	}
	f := fault.From(err)
	if f == nil {
		t.Fatalf("status %d became an answer", e.Response.Status)
	}
	if status := f.Kind().HTTPStatus(); status < 400 || status > 422 {
		t.Errorf("%d became %d: %v", e.Response.Status, status, f)
	}
	if f.Detail == "" || len(f.Detail) > upstream.MaxMessage || strings.Contains(f.Detail, "error when executing") {
		t.Errorf("got detail %q", f.Detail)
	}
}

func TestGoldenErrorsKeepTheirMeaning(t *testing.T) {
	list := load(t, "victoriametrics", "03-query-range", "04-errors")
	client := newClient(t, Options{Mode: Single, SingleTenant: "demo"}, replay(t, list))
	want := map[string]struct {
		code   fault.Code
		detail string
		offset float64
	}{
		"parse_unclosed_paren":   {fault.CodeQueryInvalid, "unexpected token", 6},
		"parse_trailing":         {fault.CodeQueryInvalid, "unparsed data left", 3},
		"parse_unknown_function": {fault.CodeQueryInvalid, `unsupported function "nosuchfunc"`, 0},
		"parse_bad_regexp":       {fault.CodeQueryInvalid, "error parsing regexp", -1},
		"arg_count":              {fault.CodeQueryRejected, "expecting at least 1 args", -1},
		"many_to_many_error":     {fault.CodeQueryRejected, "duplicate", -1},
		"range_too_many_points":  {fault.CodeQueryTooExpensive, "too many points", -1},
		"range_step_zero":        {fault.CodeQueryInvalid, "out of allowed range", -1},
	}
	found := 0
	for _, e := range list {
		w, ok := want[e.Name]
		r, possible := e.request("/api/v1/")
		if !ok || !possible {
			continue
		}
		found++
		_, err := client.do(t.Context(), caller("demo", 1, 0, ""), r)
		f := fault.From(err)
		if f == nil || f.Code != w.code || !strings.Contains(f.Detail, w.detail) {
			t.Errorf("%s: got %v", e.Name, f)
			continue
		}
		position, _ := f.Extra["position"].(map[string]any)
		if offset, ok := position["offset"].(float64); (w.offset >= 0) != ok || ok && offset != w.offset {
			t.Errorf("%s: got position %v", e.Name, position)
		}
	}
	if found != len(want) {
		t.Errorf("%d of %d errors were recorded", found, len(want))
	}
}

func TestAutoDetectionAsksOnce(t *testing.T) {
	for _, mode := range []Mode{Single, Cluster} {
		t.Run(string(mode), func(t *testing.T) {
			paths := make(chan string, 10)
			s := httptest.NewServer(recorder(paths, mode == Cluster))
			defer s.Close()
			client := newClient(t, Options{Mode: Auto}, s.URL)
			for range 2 {
				res, err := client.do(t.Context(), caller("demo", 7, 9, ""), read.Instant{Query: "up"})
				if err != nil {
					t.Fatal(err)
				}
				res.Body.Close()
			}
			close(paths)
			var got []string
			for p := range paths {
				got = append(got, p)
			}
			want := []string{"/select/7:9/prometheus/api/v1/query", "/select/7:9/prometheus/api/v1/query"}
			if mode == Single {
				want = []string{want[0], "/api/v1/query", "/api/v1/query"}
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

// recorder answers as either kind of server does and notes the paths.
func recorder(paths chan<- string, cluster bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths <- r.URL.Path
		if strings.HasPrefix(r.URL.Path, "/select/") != cluster {
			http.Error(w, `unsupported path requested: "`+r.URL.Path+`"`, http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"status":"success","data":{"resultType":"vector","result":[]}}`)
	})
}
