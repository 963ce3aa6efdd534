package server

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	tracesv1 "github.com/platformbuilds/mirador-core/proto/gen/traces/v1"
)

// ask an endpoint of Jaeger's with name=value parameters.
func ask(t *testing.T, s *Server, c *client, endpoint string, pairs ...string) error {
	t.Helper()
	in := &tracesv1.JaegerRequest{Endpoint: endpoint}
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		in.Params = append(in.Params, &tracesv1.Param{Name: name, Value: value})
	}
	return s.Jaeger(in, c)
}

func TestJaegerLists(t *testing.T) {
	s := serve(t, newPeer(t), limits())
	for _, tt := range []struct{ endpoint, param, want string }{
		{"services", "", `{"data":["checkout","frontend","payment","worker"],"total":4,"limit":0,"offset":0,"errors":null}`},
		{"services/{service}/operations", "service=frontend", `{"data":["GET /cart","POST /checkout"],"total":2,"limit":0,"offset":0,"errors":null}`},
		{"services/{service}/operations", "service=none", `{"data":[],"total":0,"limit":0,"offset":0,"errors":null}`},
		{"operations", "service=frontend", `{"data":[{"name":"GET /cart","spanKind":""},{"name":"POST /checkout","spanKind":""}],"total":2,"limit":0,"offset":0,"errors":null}`},
	} {
		c := as(t, 0, "")
		if err := ask(t, s, c, tt.endpoint, tt.param); err != nil || c.body.String() != tt.want || c.said(rpc.KeyCacheTTL) != "300000" {
			t.Errorf("%s: got %v, %s", tt.endpoint, err, c.body.String())
		}
	}
	expect(t, ask(t, s, as(t, 0, ""), "operations"), fault.CodeInvalidRequest, "Service name is required", "service")
	expect(t, ask(t, s, as(t, 0, ""), "archive"), fault.CodeRouteUnknown, "Not found", "")
}

func TestJaegerTraces(t *testing.T) {
	p := newPeer(t)
	s := serve(t, p, limits())
	c := as(t, 0, "")
	if err := ask(t, s, c, "traces/{trace_id}", "trace_id="+failed); err != nil {
		t.Fatal(err)
	}
	if c.member(t, "links") != nil || len(c.member(t, "data").([]any)) != 1 || c.member(t, "total") != 0.0 {
		t.Errorf("got %s", c.body.String())
	}
	expect(t, ask(t, s, as(t, 0, ""), "traces/{trace_id}", "trace_id=f"), fault.CodeNotFound, "Trace not found", "traceId")
	c = as(t, 0, "")
	if err := ask(t, s, c, "traces", "traceID="+first, "traceID=f", "traceID=abc000", "traceID="+failed); err != nil || len(c.member(t, "data").([]any)) != 2 {
		t.Errorf("got %v, %s", err, c.body.String())
	}
	expect(t, ask(t, s, as(t, 0, ""), "traces", "traceID=x"), fault.CodeInvalidRequest, "Invalid trace ID", "traceID")
	expect(t, ask(t, s, as(t, 0, ""), "traces", strings.Split(strings.Repeat("traceID=a,", 20)+"traceID=a", ",")...), fault.CodeInvalidRequest, "Invalid trace search request", "traceID")
}

func TestJaegerSearch(t *testing.T) {
	var got string
	p := newPeer(t)
	p.own = func(_ http.ResponseWriter, r *http.Request) bool {
		got = r.URL.Query().Encode()
		return false
	}
	s := serve(t, p, limits())
	for in, want := range map[string]string{
		"service=frontend&start=" + start + "&end=" + end + "&limit=2&lookback=1h": "end=" + end + "&limit=2&service=frontend&start=" + start,
		"service=frontend&end=" + end + "&lookback=1h&operation=o":                 "end=" + end + "&limit=20&operation=o&service=frontend&start=" + start,
		"service=a&start=" + start + "&end=" + end + `&tags={"x":"1"}&tag=y:2:3&tag=z:&minDuration=1ms&maxDuration=2s&limit=-1&lookback=custom`: "end=" + end +
			"&limit=20&maxDuration=2s&minDuration=1ms&service=a&start=" + start + "&tags=%7B%22x%22%3A%221%22%2C%22y%22%3A%222%3A3%22%2C%22z%22%3A%22%22%7D",
	} {
		c := as(t, 0, "")
		if err := ask(t, s, c, "traces", strings.Split(in, "&")...); err != nil || got != want {
			t.Errorf("%s: sent %s, %v", in, got, err)
		}
		if c.member(t, "errors") != nil || c.member(t, "limit") != 0.0 {
			t.Errorf("got %s", c.body.String())
		}
	}
	for field, pair := range map[string]string{"limit": "limit=x", "lookback": "lookback=long", "tag": "tag=x", "start": "start=x", "tags": "tags={", "minDuration": "minDuration=5"} {
		err := ask(t, s, as(t, 0, ""), "traces", "service=a", pair)
		if f := fault.From(err); f == nil || f.Kind() != fault.Invalid || len(f.Fields) == 0 || f.Fields[0].Pointer != field {
			t.Errorf("%s: got %v", pair, err)
		}
	}
}

func TestJaegerDependencies(t *testing.T) {
	s := serve(t, spanStore(t, 300, 100), limits())
	c := as(t, 0, "")
	if err := ask(t, s, c, "dependencies", "endTs=1795172400000", "lookback=3600000"); err != nil ||
		c.body.String() != `{"data":[{"parent":"web","child":"pay","callCount":100}],"total":1,"limit":0,"offset":0,"errors":null}` {
		t.Errorf("got %v, %s", err, c.body.String())
	}
	for _, lookback := range []string{"x", "-1", fmt.Sprint(int64(1) << 62)} {
		expect(t, ask(t, s, as(t, 0, ""), "dependencies", "lookback="+lookback), fault.CodeInvalidRequest, "Invalid trace search request", "lookback")
	}
}

func TestRoleScope(t *testing.T) {
	const only = `service=~"pay.*"`
	p := newPeer(t)
	s := serve(t, p, limits())
	c := as(t, 0, only)
	if err := s.Services(nil, c); err != nil || c.body.String() != `{"data":["payment"]}` {
		t.Errorf("got %v, %s", err, c.body.String())
	}
	c = as(t, 0, only)
	if err := s.Operations(&tracesv1.OperationsRequest{Service: "frontend"}, c); err != nil || c.body.String() != `{"data":[]}` {
		t.Errorf("got %v, %s", err, c.body.String())
	}
	hidden := []string{"frontend", "checkout", "PlaceOrder", "select * from"}
	for name, run := range map[string]func(c *client) error{
		"trace":  func(c *client) error { return s.Trace(&tracesv1.TraceRequest{TraceId: failed}, c) },
		"graph":  func(c *client) error { return s.FlameGraph(&tracesv1.FlameGraphRequest{TraceId: failed}, c) },
		"jaeger": func(c *client) error { return ask(t, s, c, "traces", "traceID="+failed) },
		"search": func(c *client) error {
			return s.Search(&tracesv1.SearchRequest{Service: "payment", Start: start, End: end, Tags: `{"currency":"EUR"}`, Limit: 1}, c)
		},
	} {
		c := as(t, 0, only)
		if err := run(c); err != nil || !strings.Contains(c.body.String(), "Charge") {
			t.Errorf("%s: got %v, %s", name, err, c.body.String())
		}
		for _, secret := range hidden {
			if strings.Contains(c.body.String(), secret) {
				t.Errorf("%s shows %s in %s", name, secret, c.body.String())
			}
		}
	}
	c = as(t, 0, only)
	if err := s.Search(&tracesv1.SearchRequest{Service: "frontend", Start: start, End: end, Limit: 1}, c); err != nil || c.member(t, "data", "total") != 0.0 {
		t.Errorf("got %v, %s", err, c.body.String())
	}
	none := as(t, 0, `service="worker"`)
	expect(t, s.Trace(&tracesv1.TraceRequest{TraceId: failed}, none), fault.CodeNotFound, "Trace not found", "traceId")
	_, err := s.CriticalPath(none.ctx, &tracesv1.TraceRequest{TraceId: failed})
	expect(t, err, fault.CodeNotFound, "Trace not found", "traceId")
	mapped, err := serve(t, spanStore(t, 300, 100), limits()).ServiceMap(as(t, 0, only).ctx, &tracesv1.ServiceMapRequest{Start: start, End: end})
	if err != nil || strings.Contains(mapped.String(), "web") || len(mapped.GetData().GetNodes()) != 1 {
		t.Errorf("got %v, %v", mapped, err)
	}
}

func TestRoleScopeThatCannotBeEnforced(t *testing.T) {
	s := serve(t, newPeer(t), limits())
	prod := as(t, 0, `env="prod"`)
	const denied = "Access denied: invalid role scope"
	expect(t, s.Trace(&tracesv1.TraceRequest{TraceId: failed}, prod), fault.CodeAccessDenied, denied, "")
	expect(t, s.Services(nil, prod), fault.CodeAccessDenied, denied, "")
	expect(t, s.Search(&tracesv1.SearchRequest{Service: "a"}, prod), fault.CodeAccessDenied, denied, "")
	expect(t, ask(t, s, prod, "services"), fault.CodeAccessDenied, denied, "")
	_, err := s.ServiceMap(prod.ctx, &tracesv1.ServiceMapRequest{})
	expect(t, err, fault.CodeAccessDenied, denied, "")
	_, err = s.Compare(prod.ctx, &tracesv1.CompareRequest{TraceId: first, Other: failed})
	expect(t, err, fault.CodeAccessDenied, denied, "")
}
