package edge_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
	tracesv1 "github.com/platformbuilds/mirador-core/proto/gen/traces/v1"
)

func TestStreamedRow(t *testing.T) {
	w := begin(t)
	w.logs.says("application/json", metadata.Pairs(rpc.KeyLength, "2", rpc.KeyWarning, "extra is ignored"), nil, text(`{`, `}`))
	for name, a := range map[string]answer{
		"get":  w.do(t, "GET", "/api/v1/logs/query?query=a&start=1795168800000&limit=3", "", viewer),
		"form": w.do(t, "POST", "/api/v1/logs/query", "query=a&start=1795168800000&limit=3", viewer, asForm),
		"json": w.do(t, "POST", "/api/v1/logs/query", `{"query":"a","start":1795168800000,"limit":3}`, viewer, asJSON),
		"both": w.do(t, "POST", "/api/v1/logs/query?limit=3&query=a", `{"query":"a","start":1795168800000}`, viewer, asJSON),
	} {
		want := &logsv1.QueryRequest{Query: "a", Start: "1795168800000", Limit: 3, Format: "json"}
		if a.StatusCode != http.StatusOK || string(a.body) != `{}` || !proto.Equal(w.logs.last(), want) {
			t.Errorf("%s: %d %s, asked %v", name, a.StatusCode, a.body, w.logs.last())
		}
		if a.Header.Get("X-Mirador-Warning") != "extra_is_ignored" || a.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %v", name, a.Header)
		}
	}
}

func TestStreamedRowWarnsAndRefuses(t *testing.T) {
	w := begin(t)
	w.logs.says("application/json", metadata.Pairs(rpc.KeyLength, "11"), nil, text(`{"rows":[]}`))
	a := w.do(t, "POST", "/api/v1/logs/search?colour=red", `{"size":3,"tenantId":"demo"}`, viewer, asJSON)
	if string(a.body) != `{"warnings":["unknown parameter \"colour\" is ignored","unknown parameter \"size\" is ignored"],"rows":[]}` {
		t.Errorf("%s", a.body)
	}
	calls := w.logs.count()
	a = w.do(t, "POST", "/api/v1/logs/search", `{"limit":"x","page_after":{"ts":[]}}`, viewer, asJSON)
	a.problem(t, 400, fault.CodeInvalidRequest)
	if a.member("error") != "invalid payload" || !strings.Contains(string(a.body), "/page_after/ts") || !strings.Contains(string(a.body), `"/limit"`) {
		t.Errorf("%s", a.body)
	}
	w.do(t, "POST", "/api/v1/logs/search", `{"tenantId":"other"}`, viewer, asJSON).problem(t, 403, fault.CodeTenantForeign)
	w.do(t, "GET", "/api/v1/logs/query?query=a&extra_stream_filters=x", "", viewer).problem(t, 400, fault.CodeParamForbidden)
	w.do(t, "GET", "/api/v1/logs/query?query=a", "", stranger).problem(t, 403, fault.CodeAccessDenied)
	w.do(t, "GET", "/api/v1/logs/query?query=a&timeout=x", "", viewer).problem(t, 400, fault.CodeInvalidTime)
	if w.logs.count() != calls {
		t.Error("a refused request was passed on")
	}
}

func TestAccept(t *testing.T) {
	w := begin(t)
	w.logs.says("text/csv", nil, nil, text("a\n1\n"))
	for headers, want := range map[string]string{"Accept: text/csv": "csv", "Accept: application/x-ndjson, */*;q=0.1": "ndjson", "Accept: */*": "json"} {
		if a := w.do(t, "GET", "/api/v1/logs/query?query=a", "", viewer, headers); a.StatusCode != http.StatusOK || string(a.body) != "a\n1\n" || !slices.Contains(a.Header.Values("Vary"), "Accept") {
			t.Errorf("%s: %d %s", headers, a.StatusCode, a.body)
		}
		if got, _ := w.logs.last().(*logsv1.QueryRequest); got.GetFormat() != want {
			t.Errorf("%s: format %q", headers, got.GetFormat())
		}
	}
	w.do(t, "GET", "/api/v1/logs/query?query=a&format=csv", "", viewer, "Accept: text/html")
	if got, _ := w.logs.last().(*logsv1.QueryRequest); got.GetFormat() != "csv" {
		t.Errorf("the parameter loses: %v", got)
	}
	w.do(t, "GET", "/api/v1/logs/query?query=a", "", viewer, "Accept: text/html").problem(t, 406, fault.CodeNotAcceptable)
}

// What a client needs to know that it has all of an export.
func TestExportTrailers(t *testing.T) {
	w := begin(t)
	header := metadata.Pairs(rpc.KeyFilename, `logs-1".csv`)
	trailer := metadata.Pairs(rpc.KeyRows, "2", rpc.KeyChecksum, "sha256=ab", rpc.KeyCacheTTL, "60000")
	row := strings.Repeat("x,", 1<<10) + "\n"
	w.logs.says("text/csv", header, trailer, text(row, row))
	for _, coding := range []string{"identity", "gzip"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+w.addr+"/api/v1/logs/export", strings.NewReader(`{"query":"*"}`))
		must(t, err)
		r.Header = http.Header{"Authorization": {"Bearer viewer"}, "Content-Type": {"application/json"}, "Accept-Encoding": {coding}}
		resp, err := http.DefaultClient.Do(r)
		must(t, err)
		body := io.Reader(resp.Body)
		if coding == "gzip" {
			body, err = gzip.NewReader(resp.Body)
			must(t, err)
		}
		got, err := io.ReadAll(body)
		_ = resp.Body.Close()
		if err != nil || string(got) != row+row || resp.ContentLength != -1 {
			t.Errorf("%s: %d bytes, %v", coding, len(got), err)
		}
		if resp.Trailer.Get("X-Mirador-Rows") != "2" || resp.Trailer.Get("X-Mirador-Checksum") != "sha256=ab" {
			t.Errorf("%s: trailers %v", coding, resp.Trailer)
		}
		if got := resp.Header.Get("Content-Disposition"); got != "attachment; filename=logs-1_.csv" {
			t.Errorf("disposition %q", got)
		}
	}
	if w.logs.count() != 2 {
		t.Errorf("an export was answered from memory: %d calls", w.logs.count())
	}
}

func TestBrokenExportHasNoTrailers(t *testing.T) {
	w := begin(t)
	w.logs.says("text/csv", metadata.Pairs(rpc.KeyFilename, "a.csv"), nil, func(_ context.Context, send func(string) error) error {
		return errors.Join(send("a\n1\n"), fault.New(fault.CodeBackendFailed, "broken"))
	})
	a := w.do(t, "POST", "/api/v1/logs/export", `{"query":"*"}`, viewer, asJSON)
	if !errors.Is(a.err, io.ErrUnexpectedEOF) || a.Trailer.Get("X-Mirador-Rows") != "" {
		t.Errorf("%v %v", a.err, a.Trailer)
	}
}

// A client that leaves while nothing is sent must still end the call.
func TestIdleExportEndsWithItsClient(t *testing.T) {
	w := begin(t)
	began, ended := make(chan struct{}, 1), make(chan struct{}, 1)
	w.logs.says("text/csv", nil, nil, func(ctx context.Context, _ func(string) error) error {
		began <- struct{}{}
		<-ctx.Done()
		ended <- struct{}{}
		return ctx.Err()
	})
	c := w.dial(t)
	_, err := io.WriteString(c, "POST /api/v1/logs/export HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"+viewer+"\r\n"+asJSON+"\r\n\r\n{}")
	must(t, err)
	<-began
	must(t, c.Close())
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("the call goes on without its client")
	}
}

// The byte that a watch reads ahead belongs to the next request.
func TestPipelinedBehindAnExport(t *testing.T) {
	w := begin(t)
	w.logs.says("text/csv", metadata.Pairs(rpc.KeyFilename, "a.csv"), nil, text("a"))
	c := w.dial(t)
	request := "POST /api/v1/logs/export HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n" + viewer + "\r\n" + asJSON + "\r\n\r\n{}"
	_, err := io.WriteString(c, request)
	must(t, err)
	_, err = io.WriteString(c, request+"GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
	must(t, err)
	all, err := io.ReadAll(c)
	if err != nil || strings.Count(string(all), "HTTP/1.1 200 OK") != 3 {
		t.Errorf("%v\n%s", err, all)
	}
}

func TestHeadOfAStream(t *testing.T) {
	w := begin(t)
	ended := make(chan struct{})
	w.logs.says("application/x-ndjson", nil, nil, func(ctx context.Context, send func(string) error) error {
		defer close(ended)
		err := send("{}\n")
		<-ctx.Done()
		return err
	})
	c := w.dial(t)
	_, err := io.WriteString(c, "HEAD /api/v1/logs/query?query=a HTTP/1.1\r\nHost: a\r\n"+viewer+"\r\n\r\nGET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
	must(t, err)
	all, err := io.ReadAll(c)
	must(t, err)
	head, rest, _ := strings.Cut(string(all), "\r\n\r\n")
	if !strings.Contains(head, "200 OK") || !strings.HasPrefix(rest, "HTTP/1.1 200 OK") {
		t.Errorf("%s", all)
	}
	<-ended
}

func TestDegradedAnswerIsNotRemembered(t *testing.T) {
	w := begin(t)
	ttl := metadata.Pairs(rpc.KeyCacheTTL, "60000")
	w.traces.says("application/json", metadata.Pairs(rpc.KeyLength, "2", rpc.KeyDegraded, "victoria_traces", rpc.KeyCache, "miss"), ttl, text(`{}`))
	for range 2 {
		a := w.do(t, "GET", "/api/v1/traces/services", "", viewer)
		if a.Header.Get("X-Backend-Degraded") != "victoria_traces" || a.Header.Get("X-Cache") != "MISS" {
			t.Errorf("%v", a.Header)
		}
	}
	w.traces.says("application/json", metadata.Pairs(rpc.KeyLength, "3"), ttl, text(`[1]`))
	for _, want := range []string{"MISS", "HIT"} {
		if a := w.do(t, "GET", "/api/v1/traces/services", "", viewer); a.Header.Get("X-Cache") != want || string(a.body) != "[1]" {
			t.Errorf("%s: %v %s", want, a.Header, a.body)
		}
	}
}

func TestStore(t *testing.T) {
	w := begin(t)
	const ndjson = "Content-Type: application/x-ndjson; charset=utf-8"
	a := w.do(t, "POST", "/api/v1/logs/store", "{\"a\":1}\n{\"tenantId\":\"x\"}\n", editor, ndjson)
	if want := (&logsv1.StoreRequest{Body: []byte("{\"a\":1}\n{\"tenantId\":\"x\"}\n"), ContentType: "application/x-ndjson"}); a.StatusCode != http.StatusCreated || !proto.Equal(w.logs.last(), want) {
		t.Errorf("%d %s, %v", a.StatusCode, a.body, w.logs.last())
	}
	if a.member("data", "tenantId") != "demo" {
		t.Errorf("%s", a.body)
	}
	w.do(t, "POST", "/api/v1/logs/store", "{}", viewer, asJSON).problem(t, 403, fault.CodeAccessDenied)
	w.do(t, "POST", "/api/v1/logs/store", "a=b", editor, asForm).problem(t, 415, fault.CodeUnsupportedMedia)
}

// JSON, form and query string mean the same for answers that do not stream.
func TestUnaryReadsTakeNumbersAsTexts(t *testing.T) {
	w := begin(t)
	want := &logsv1.FacetsRequest{Query: "a", Start: "1795168800000", Fields: []string{"x", "y"}, Limit: 3}
	for name, a := range map[string]answer{
		"get":  w.do(t, "GET", "/api/v1/logs/facets?query=a&start=1795168800000&fields=x&fields=y&limit=3&z=1", "", viewer),
		"form": w.do(t, "POST", "/api/v1/logs/facets", "query=a&start=1795168800000&fields=x&fields=y&limit=3&z=1", viewer, asForm),
		"json": w.do(t, "POST", "/api/v1/logs/facets", `{"query":"a","start":1795168800000,"fields":["x","y"],"limit":3,"z":1}`, viewer, asJSON),
	} {
		if a.StatusCode != http.StatusOK || !proto.Equal(w.logs.last(), want) || !strings.Contains(string(a.body), `unknown parameter \"z\"`) {
			t.Errorf("%s: %d %s, asked %v", name, a.StatusCode, a.body, w.logs.last())
		}
	}
	a := w.do(t, "POST", "/api/v1/logs/facets", `{"limit":[1]}`, viewer, asJSON)
	a.problem(t, 400, fault.CodeInvalidRequest)
	if a.member("error") != "bad query params" || !strings.Contains(string(a.body), `"/limit"`) {
		t.Errorf("%s", a.body)
	}
}

func TestJaegerPrefix(t *testing.T) {
	w := begin(t)
	w.traces.says("application/json", metadata.Pairs(rpc.KeyLength, "2"), nil, text(`{}`))
	a := w.do(t, "GET", "/jaeger/api/traces/ab%31?start=1&start=2", "", viewer)
	want := &tracesv1.JaegerRequest{Endpoint: "traces/{trace_id}", Params: []*tracesv1.Param{{Name: "trace_id", Value: "ab1"}, {Name: "start", Value: "1"}, {Name: "start", Value: "2"}}}
	if a.StatusCode != http.StatusOK || !proto.Equal(w.traces.last(), want) {
		t.Errorf("%d %s %v", a.StatusCode, a.body, w.traces.last())
	}
	for _, path := range []string{"/jaeger/api/services", "/jaeger/api/services/a%2Fb/operations", "/jaeger/api/operations", "/jaeger/api/traces", "/jaeger/api/dependencies"} {
		if a := w.do(t, "GET", path, "", viewer); a.StatusCode != http.StatusOK {
			t.Errorf("%s: %d %s", path, a.StatusCode, a.body)
		}
	}
	w.traces.says("application/json", nil, nil, func(context.Context, func(string) error) error {
		return fault.New(fault.CodeNotFound, "trace not found")
	})
	a = w.do(t, "GET", "/jaeger/api/traces/cd", "", viewer)
	if a.StatusCode != http.StatusNotFound || string(a.body) != `{"data":null,"errors":[{"code":404,"msg":"trace not found"}],"limit":0,"offset":0,"total":0}` {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	if a := w.do(t, "GET", "/jaeger/api/nosuch", "", viewer); a.StatusCode != http.StatusNotFound || a.member("errors") == nil {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}

// The path of one RPC fits the pattern of another; the row decides.
func TestTracesRowsAreNotMixedUp(t *testing.T) {
	w := begin(t)
	w.traces.says("application/json", metadata.Pairs(rpc.KeyLength, "2"), nil, text(`{}`))
	a := w.do(t, "POST", "/api/v1/traces/service-map", `{"start":1795168800000}`, viewer, asJSON)
	if want := (&tracesv1.ServiceMapRequest{Start: "1795168800000"}); a.StatusCode != http.StatusOK || !proto.Equal(w.traces.last(), want) {
		t.Errorf("service map: %d %s %v", a.StatusCode, a.body, w.traces.last())
	}
	a = w.do(t, "GET", "/api/v1/traces/service-map", "", viewer)
	if a.member("data", "source") != "spans" {
		t.Errorf("service map: %d %s", a.StatusCode, a.body)
	}
	w.do(t, "GET", "/api/v1/traces/ab12", "", viewer)
	if want := (&tracesv1.TraceRequest{TraceId: "ab12"}); !proto.Equal(w.traces.last(), want) {
		t.Errorf("trace: %v", w.traces.last())
	}
}
