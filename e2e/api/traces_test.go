package api

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// some finds traces of a service in the closed window.
func some(t *testing.T, service string, limit int) []map[string]any {
	t.Helper()
	start, end := closed()
	a := viewer.Post(t, "/api/v1/traces/search", map[string]any{"service": service, "start": start.UnixMilli(), "end": end.UnixMilli(), "limit": limit}).Want(t, 200)
	list, _ := a.At("data", "traces").([]any)
	if len(list) != limit || number(a.At("data", "total")) != limit || number(a.At("metadata", "tracesFound")) != limit {
		t.Fatalf("%d traces, metadata %v", len(list), a.At("metadata"))
	}
	var traces []map[string]any
	for _, item := range list {
		m, _ := item.(map[string]any)
		traces = append(traces, m)
	}
	return traces
}

func TestTraceLists(t *testing.T) {
	a := viewer.Get(t, "/api/v1/traces/services").Want(t, 200)
	if !strings.Contains(fmt.Sprint(a.At("data")), "checkout") {
		t.Errorf("services %s", a.Body)
	}
	again := viewer.Get(t, "/api/v1/traces/services").Want(t, 200)
	if got := again.Header.Get("X-Cache"); got != "HIT" {
		t.Errorf("X-Cache of the second answer: %q", got)
	}
	a = viewer.Get(t, "/api/v1/traces/services/checkout/operations").Want(t, 200)
	if list, _ := a.At("data").([]any); len(list) == 0 {
		t.Errorf("operations %s", a.Body)
	}
}

func TestTraceWithItsFlameGraph(t *testing.T) {
	id := fmt.Sprint(some(t, "frontend", 5)[0]["traceID"])
	a := viewer.Get(t, "/api/v1/traces/"+id).Want(t, 200)
	spans, _ := a.At("data", 0, "spans").([]any)
	if a.At("data", 0, "traceID") != id || len(spans) < 2 || number(a.At("total")) != 0 {
		t.Fatalf("%.400s", a.Body)
	}
	upper := viewer.Get(t, "/api/v1/traces/"+strings.ToUpper(strings.TrimLeft(id, "0"))).Want(t, 200)
	if upper.At("data", 0, "traceID") != id {
		t.Error("the id in capitals is another trace")
	}
	for _, mode := range []string{"duration", "self"} {
		a := viewer.Get(t, "/api/v1/traces/"+id+"/flamegraph?mode="+mode).Want(t, 200)
		name, _ := a.At("data", "name").(string)
		children, _ := a.At("data", "children").([]any)
		if !strings.HasPrefix(name, "frontend.") || !strings.HasSuffix(name, " ms)") || len(children) == 0 {
			t.Errorf("%s: %.400s", mode, a.Body)
		}
	}
	a = viewer.Get(t, "/api/v1/traces/"+id+"/critical-path").Want(t, 200)
	covered, _ := sum(a.At("data", "segments"), "durationUs")
	if whole := number(a.At("data", "durationUs")); covered != whole || whole == 0 {
		t.Errorf("the path covers %d of %d us", covered, whole)
	}
	other := fmt.Sprint(some(t, "frontend", 5)[1]["traceID"])
	a = viewer.Get(t, "/api/v1/traces/"+id+"/compare/"+other).Want(t, 200)
	if a.At("data", "trace", "traceId") != id || a.At("data", "other", "traceId") != other || a.At("data", "operations", 0, "service") == nil {
		t.Errorf("%.400s", a.Body)
	}
}

func TestFlameGraphOfASearch(t *testing.T) {
	start, end := closed()
	body := map[string]any{"service": "checkout", "start": start.UnixMicro(), "end": end.UnixMicro(), "limit": 20}
	a := viewer.Post(t, "/api/v1/traces/flamegraph/search", body).Want(t, 200)
	if a.At("data", "name") != "aggregate (20 traces)" || number(a.At("data", "value")) == 0 {
		t.Errorf("%.300s", a.Body)
	}
	body["service"] = "nosuchservice"
	a = viewer.Post(t, "/api/v1/traces/flamegraph/search", body).Want(t, 200)
	if a.At("data", "name") != "aggregate (0 traces)" || number(a.At("data", "value")) != 0 {
		t.Errorf("%s", a.Body)
	}
}

func TestServiceMap(t *testing.T) {
	start, end := closed()
	a := viewer.Get(t, "/api/v1/traces/service-map?"+between(start, end)).Want(t, 200)
	if source := a.At("data", "source"); source != "spans" || a.At("data", "note") == "" {
		t.Errorf("source %v: %.300s", source, a.Body)
	}
	edges, _ := a.At("data", "edges").([]any)
	found := map[string]bool{}
	for _, e := range edges {
		m, _ := e.(map[string]any)
		found[fmt.Sprint(m["source"], ">", m["target"])] = true
		p50, _ := m["p50Ms"].(float64)
		p99, _ := m["p99Ms"].(float64)
		if rate, _ := m["rate"].(float64); rate <= 0 || p50 <= 0 || p99 < p50 {
			t.Errorf("edge %v", m)
		}
	}
	for _, want := range []string{"frontend>catalogue", "frontend>checkout", "checkout>payment", "catalogue>shop-db"} {
		if !found[want] {
			t.Errorf("no edge %s in %v", want, found)
		}
	}
}

func TestBadTraceRequests(t *testing.T) {
	for path, want := range map[string]struct {
		status int
		code   string
		error  string
	}{
		"/api/v1/traces/ffffffffffffffffffffffffffffffff":            {404, "not_found", "Trace not found"},
		"/api/v1/traces/ffffffffffffffffffffffffffffffff/flamegraph": {404, "not_found", "Trace not found"},
		"/api/v1/traces/nothex":                                      {400, "invalid_request", ""},
		"/api/v1/traces/search?service=a&limit=-1":                   {200, "", ""},
		"/api/v1/traces/search?service=a&start=never":                {400, "invalid_time", ""},
		"/api/v1/traces/search?service=a&minDuration=10":             {400, "", ""},
		"/api/v1/traces/search?service=a&tags=%7B":                   {400, "invalid_request", ""},
	} {
		a := viewer.Get(t, path)
		if want.status == 200 {
			a.Want(t, 200)
			continue
		}
		if a.WantProblem(t, want.status, want.code); want.error != "" && a.At("error") != want.error {
			t.Errorf("%s: %s", path, a.Body)
		}
	}
}

// TestJaegerClients makes the calls of the Jaeger UI and of Grafana's Jaeger
// data source.
func TestJaegerClients(t *testing.T) {
	start, end := closed()
	window := fmt.Sprintf("start=%d&end=%d", start.UnixMicro(), end.UnixMicro())
	for path, want := range map[string]string{
		"/jaeger/api/services":                     "checkout",
		"/jaeger/api/services/checkout/operations": "checkout",
		"/jaeger/api/operations?service=checkout":  "name",
		"/jaeger/api/traces?service=checkout&limit=3&" + window + "&lookback=custom&maxDuration&minDuration":         "traceID",
		fmt.Sprintf("/jaeger/api/dependencies?endTs=%d&lookback=%d", end.UnixMilli(), end.Sub(start).Milliseconds()): "callCount",
	} {
		a := viewer.Get(t, path).Want(t, 200)
		if data, _ := a.At("data").([]any); len(data) == 0 || !strings.Contains(string(a.Body), want) {
			t.Errorf("%s: %.300s", path, a.Body)
		}
	}
	tags := url.QueryEscape(`{"error":"true"}`)
	a := viewer.Get(t, "/jaeger/api/traces?service=checkout&limit=5&"+window+"&tags="+tags).Want(t, 200)
	list, _ := a.At("data").([]any)
	if len(list) == 0 {
		t.Errorf("no failed trace: %.300s", a.Body)
	}
	id := fmt.Sprint(some(t, "checkout", 1)[0]["traceID"])
	a = viewer.Get(t, "/jaeger/api/traces/"+id).Want(t, 200)
	if a.At("data", 0, "traceID") != id {
		t.Errorf("%.300s", a.Body)
	}
	a = viewer.Get(t, "/jaeger/api/traces/ffffffffffffffffffffffffffffffff")
	if a.Status != 404 || number(a.At("errors", 0, "code")) != 404 || a.At("errors", 0, "msg") == nil {
		t.Errorf("not in Jaeger's shape: %d %s", a.Status, a.Body)
	}
	if a := nobody.Get(t, "/jaeger/api/services"); a.Status != 401 || a.At("errors", 0, "msg") == nil {
		t.Errorf("not in Jaeger's shape: %d %s", a.Status, a.Body)
	}
}
