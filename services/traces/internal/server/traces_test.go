package server

import (
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	tracesv1 "github.com/platformbuilds/mirador-core/proto/gen/traces/v1"
)

const (
	first  = "00000000000000000000000000abc000"
	failed = "00000000000000000000000000abc003"
	// The window of the recordings.
	start, end = "1795168800000000", "1795172400000000"
)

func TestTrace(t *testing.T) {
	p := newPeer(t)
	s := serve(t, p, limits())
	for _, id := range []string{first, "abc000", "ABC000", "0000000000abc000"} {
		c := as(t, 0, "")
		if err := s.Trace(&tracesv1.TraceRequest{TraceId: id}, c); err != nil {
			t.Fatal(err)
		}
		want := p.recorded[key("0", "/select/jaeger/api/traces/"+first, nil)].Body
		want = strings.TrimSuffix(want, `"errors": null,"limit": 0,"offset": 0,"total":1}`) + `"total":0,"limit":0,"offset":0,"errors":null,"links":{` +
			`"logs":"/api/v1/traces/` + first + `/logs","flamegraph":"/api/v1/traces/` + first + `/flamegraph","criticalPath":"/api/v1/traces/` + first + `/critical-path"}}`
		if c.body.String() != want || c.said(rpc.KeyLength) != fmt.Sprint(len(want)) || c.said(rpc.KeyCache) != "bypass" {
			t.Errorf("%s: got %s %v", id, c.body.String(), c.header)
		}
		c.member(t)
	}
}

func TestTraceThatIsNotThere(t *testing.T) {
	s := serve(t, newPeer(t), limits())
	unknown := strings.Repeat("f", 32)
	expect(t, s.Trace(&tracesv1.TraceRequest{TraceId: unknown}, as(t, 0, "")), fault.CodeNotFound, "Trace not found", "traceId")
	expect(t, s.Trace(&tracesv1.TraceRequest{TraceId: first}, as(t, 1, "")), fault.CodeNotFound, "Trace not found", "traceId")
	expect(t, s.Trace(&tracesv1.TraceRequest{TraceId: "nothex"}, as(t, 0, "")), fault.CodeInvalidRequest, "Invalid trace ID", "traceId")
	expect(t, s.FlameGraph(&tracesv1.FlameGraphRequest{TraceId: unknown}, as(t, 0, "")), fault.CodeNotFound, "Trace not found", "traceId")
	_, err := s.CriticalPath(as(t, 0, "").ctx, &tracesv1.TraceRequest{TraceId: unknown})
	expect(t, err, fault.CodeNotFound, "Trace not found", "traceId")
	_, err = s.Compare(as(t, 0, "").ctx, &tracesv1.CompareRequest{TraceId: first, Other: unknown})
	expect(t, err, fault.CodeNotFound, "Trace not found", "traceId")
	_, err = s.Compare(as(t, 0, "").ctx, &tracesv1.CompareRequest{TraceId: first, Other: "x"})
	expect(t, err, fault.CodeInvalidRequest, "Invalid trace ID", "other")
}

func TestLists(t *testing.T) {
	s := serve(t, newPeer(t), limits())
	c := as(t, 0, "")
	if err := s.Services(nil, c); err != nil || c.body.String() != `{"data":["checkout","frontend","payment","worker"]}` {
		t.Errorf("got %v, %s", err, c.body.String())
	}
	if c.said(rpc.KeyCacheTTL) != "300000" || c.said(rpc.KeyCache) != "miss" {
		t.Errorf("got %v %v", c.header, c.trailer)
	}
	c = as(t, 1, "")
	if err := s.Services(nil, c); err != nil || c.body.String() != `{"data":["checkout-t1","frontend-t1","payment-t1"]}` {
		t.Errorf("got %v, %s", err, c.body.String())
	}
	c = as(t, 0, "")
	if err := s.Operations(&tracesv1.OperationsRequest{Service: "frontend"}, c); err != nil || c.body.String() != `{"data":["GET /cart","POST /checkout"]}` {
		t.Errorf("got %v, %s", err, c.body.String())
	}
	c = as(t, 0, "")
	if err := s.Operations(&tracesv1.OperationsRequest{Service: "nothing"}, c); err != nil || c.body.String() != `{"data":[]}` {
		t.Errorf("got %v, %s", err, c.body.String())
	}
	expect(t, s.Operations(&tracesv1.OperationsRequest{Service: " "}, as(t, 0, "")), fault.CodeInvalidRequest, "Service name is required", "service")
}

func TestSearch(t *testing.T) {
	p := newPeer(t)
	s := serve(t, p, limits())
	c := as(t, 0, "")
	err := s.Search(&tracesv1.SearchRequest{Service: "frontend", Start: "2026-11-20T10:00:00Z", End: "1795172400", Limit: 2}, c)
	if err != nil {
		t.Fatal(err)
	}
	if c.member(t, "status") != "success" || c.member(t, "data", "total") != 2.0 || len(c.member(t, "data", "traces").([]any)) != 2 ||
		c.member(t, "metadata", "limit") != 2.0 || c.member(t, "metadata", "tracesFound") != 2.0 || c.member(t, "metadata", "searchTime") == nil {
		t.Errorf("got %s", c.body.String())
	}
	c = as(t, 0, "")
	err = s.Search(&tracesv1.SearchRequest{Service: "frontend", Start: start, End: end, Tags: "http.status_code=500 http.method=GET", Limit: 5}, c)
	if err != nil || c.member(t, "data", "total") != 2.0 {
		t.Errorf("got %v, %.200s", err, c.body.String())
	}
	c = as(t, 0, "")
	err = s.ServiceTraces(&tracesv1.ServiceTracesRequest{Service: "frontend", Start: start, End: end, Limit: 1}, c)
	if err != nil || c.member(t, "data", "total") != 1.0 {
		t.Errorf("got %v, %.200s", err, c.body.String())
	}
	expect(t, s.ServiceTraces(&tracesv1.ServiceTracesRequest{}, as(t, 0, "")), fault.CodeInvalidRequest, "Service name is required", "service")
}

func TestSearchWithoutAService(t *testing.T) {
	p := newPeer(t)
	p.own = func(w http.ResponseWriter, r *http.Request) bool {
		service := r.URL.Query().Get("service")
		if service == "" {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		// Every service takes part in the trace "both", and has one of its own.
		at := len(service)
		_, _ = fmt.Fprintf(w, `{"data":[%s,%s],"total":2}`, small("both", service, 50), small(service, service, at))
		return true
	}
	c := as(t, 0, "")
	if err := serve(t, p, limits()).Search(&tracesv1.SearchRequest{Start: start, End: end, Limit: 3}, c); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, each := range c.member(t, "data", "traces").([]any) {
		got = append(got, each.(map[string]any)["traceID"].(string))
	}
	if strings.Join(got, " ") != "both checkout frontend" || c.member(t, "data", "total") != 3.0 {
		t.Errorf("got %v of %s", got, c.body.String())
	}
}

// TestSearchOfServicesFails as a whole when one of them does.
func TestSearchOfServicesFails(t *testing.T) {
	p := newPeer(t)
	p.own = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Get("service") == "payment" {
			w.WriteHeader(http.StatusInternalServerError)
			return true
		}
		return false
	}
	c := as(t, 0, "")
	degraded(t, c, serve(t, p, limits()).Search(&tracesv1.SearchRequest{Start: start, End: end}, c))
}

// small is a trace of one span.
func small(id, service string, start int) string {
	return fmt.Sprintf(`{"traceID":%q,"spans":[{"spanID":"1","traceID":%q,"operationName":"o","startTime":%d,"duration":9000,"processID":"p1"}],"processes":{"p1":{"serviceName":%q}}}`,
		id, id, start, service)
}

func TestSearchRefuses(t *testing.T) {
	s := serve(t, newPeer(t), limits())
	for field, in := range map[string]*tracesv1.SearchRequest{
		"/start": {Service: "a", Start: "soon"}, "/tags": {Service: "a", Tags: "{"}, "/minDuration": {Service: "a", MinDuration: "5"},
		"/timeout": {Service: "a", Timeout: "-"},
	} {
		code := fault.CodeInvalidRequest
		if field == "/start" {
			code = fault.CodeInvalidTime
		}
		expect(t, s.Search(in, as(t, 0, "")), code, "Invalid trace search request", field)
		expect(t, s.FlameGraphSearch(in, as(t, 0, "")), code, "Invalid trace search request", field)
	}
	expect(t, s.FlameGraphSearch(&tracesv1.SearchRequest{Mode: "x"}, as(t, 0, "")), fault.CodeInvalidRequest, "Invalid flame graph mode", "/mode")
}

func TestTheBackEndIsAway(t *testing.T) {
	s := away(t)
	c := as(t, 0, "")
	degraded(t, c, s.Services(nil, c))
	if c.body.String() != `{"data":[],"metadata":{"degraded":true,"backend":"victoria_traces"}}` {
		t.Errorf("got %s", c.body.String())
	}
	c = as(t, 0, "")
	degraded(t, c, s.Operations(&tracesv1.OperationsRequest{Service: "a"}, c))
	for _, service := range []string{"a", ""} {
		c = as(t, 0, "")
		degraded(t, c, s.Search(&tracesv1.SearchRequest{Service: service}, c))
		if len(c.member(t, "data", "traces").([]any)) != 0 || c.member(t, "data", "total") != 0.0 {
			t.Errorf("got %s", c.body.String())
		}
	}
	expect(t, s.Trace(&tracesv1.TraceRequest{TraceId: first}, as(t, 0, "")), fault.CodeBackendDown, "Trace query failed", "")
	expect(t, s.FlameGraph(&tracesv1.FlameGraphRequest{TraceId: first}, as(t, 0, "")), fault.CodeBackendDown, "Trace query failed", "")
	expect(t, s.FlameGraphSearch(&tracesv1.SearchRequest{Service: "a"}, as(t, 0, "")), fault.CodeBackendDown, "Trace search failed", "")
	_, err := s.ServiceMap(as(t, 0, "").ctx, &tracesv1.ServiceMapRequest{})
	expect(t, err, fault.CodeBackendDown, "Service map failed", "")
	expect(t, s.Jaeger(&tracesv1.JaegerRequest{Endpoint: "services"}, as(t, 0, "")), fault.CodeBackendDown, "Failed to retrieve services", "")
}

// silent answers nothing until the caller gives up.
func silent(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func TestTheBackEndIsSlow(t *testing.T) {
	l := limits()
	l.Timeout = 100 * time.Millisecond
	s := serve(t, http.HandlerFunc(silent), l)
	expect(t, s.Trace(&tracesv1.TraceRequest{TraceId: first}, as(t, 0, "")), fault.CodeTimeout, "Trace query failed", "")
	c := as(t, 0, "")
	degraded(t, c, s.Services(nil, c))
}

func TestAClientThatIsGone(t *testing.T) {
	s := serve(t, http.HandlerFunc(silent), limits())
	c := as(t, 0, "")
	ctx, cancel := context.WithCancel(c.ctx)
	c.ctx = ctx
	cancel()
	expect(t, s.Services(nil, c), fault.CodeCanceled, "Request canceled", "")
}

func TestBrokenAnswersAreNoTraces(t *testing.T) {
	whole := newPeer(t).recorded[key("0", "/select/jaeger/api/traces/"+first, nil)].Body
	for name, body := range map[string]string{
		"cut": whole[:len(whole)/2], "cut early": whole[:9], "empty": "", "a page": "<html>", "other JSON": `{"status":"ok"}`, "no JSON": `{"data":[{"spans":[tru]}]}`,
	} {
		p := newPeer(t)
		p.says("/select/jaeger/api/traces/"+first, "application/json", body)
		s := serve(t, p, limits())
		expect(t, s.Trace(&tracesv1.TraceRequest{TraceId: first}, as(t, 0, "")), fault.CodeBackendFailed, "Trace query failed", "")
		err := s.FlameGraph(&tracesv1.FlameGraphRequest{TraceId: first}, as(t, 0, ""))
		if f := fault.From(err); f == nil || f.Code != fault.CodeBackendFailed {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestABombIsNoTrace(t *testing.T) {
	s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = z.Write([]byte(`{"data":["`))
		for range 64 {
			_, _ = z.Write(make([]byte, 1<<20))
		}
		_ = z.Close()
	}), limits())
	err := s.FlameGraph(&tracesv1.FlameGraphRequest{TraceId: first}, as(t, 0, ""))
	if f := fault.From(err); f == nil || f.Code != fault.CodeAnswerTooLarge && f.Code != fault.CodeBackendFailed {
		t.Errorf("got %v", err)
	}
	if err := s.Trace(&tracesv1.TraceRequest{TraceId: first}, as(t, 0, "")); fault.From(err).Code != fault.CodeAnswerTooLarge {
		t.Errorf("got %v", err)
	}
}

func TestOneTenantCannotTakeAll(t *testing.T) {
	l := limits()
	l.MaxConcurrent = 1
	inside, leave := make(chan struct{}), make(chan struct{})
	p := newPeer(t)
	p.own = func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/services") {
			inside <- struct{}{}
			<-leave
		}
		return false
	}
	s := serve(t, p, l)
	done := make(chan error)
	go func() { done <- s.Services(nil, as(t, 0, "")) }()
	<-inside
	expect(t, s.Trace(&tracesv1.TraceRequest{TraceId: first}, as(t, 0, "")), fault.CodeBusy, "Trace query failed", "")
	close(leave)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := s.Trace(&tracesv1.TraceRequest{TraceId: first}, as(t, 0, "")); err != nil {
		t.Error(err)
	}
}

func BenchmarkTrace2000(b *testing.B) {
	span := `{"duration":60000,"logs":[],"operationName":"charge","processID":"p1","references": [{"refType":"CHILD_OF","spanID":"%016x","traceID":"00000000000000000000000000abc003"}],"spanID":"%016x","startTime":1795169700020000,"tags": [{"key":"span.kind","type":"string","value":"client"},{"key":"otel.scope.name","type":"string","value":"grpc"},{"key":"peer.service","type":"string","value":"payment"},{"key":"error","type":"string","value":"unset"}],"traceID":"00000000000000000000000000abc003","warnings":null}`
	var spans []string
	for i := range 2000 {
		spans = append(spans, fmt.Sprintf(span, i/4, i+1))
	}
	p := newPeer(b)
	body := `{"data":[{"processes":{"p1":{"serviceName":"checkout","tags":[]}},"spans":[` + strings.Join(spans, ",") + `],"traceID":"` + first + `","warnings":null}],"total":1}`
	p.says("/select/jaeger/api/traces/"+first, "application/json", body)
	s := serve(b, p, limits())
	for name, run := range map[string]func(c *client) error{
		"trace":      func(c *client) error { return s.Trace(&tracesv1.TraceRequest{TraceId: first}, c) },
		"flamegraph": func(c *client) error { return s.FlameGraph(&tracesv1.FlameGraphRequest{TraceId: first}, c) },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if err := run(as(b, 0, "")); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
