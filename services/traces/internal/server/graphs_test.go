package server

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/platformbuilds/mirador-core/libs/fault"
	tracesv1 "github.com/platformbuilds/mirador-core/proto/gen/traces/v1"
)

const (
	failedPath = "/select/jaeger/api/traces/" + failed
	rowsPath   = "/select/logsql/query"
	depsPath   = "/select/jaeger/api/dependencies"
)

func TestFlameGraph(t *testing.T) {
	s := serve(t, newPeer(t), limits())
	for mode, want := range map[string]string{
		"": `{"name":"frontend.GET /cart (150 ms)","value":150,"spanId":"0000000000000031","service":"frontend","children":[` +
			`{"name":"checkout.PlaceOrder","value":130,"spanId":"0000000000000032","service":"checkout","children":[` +
			`{"name":"checkout.charge","value":60,"spanId":"0000000000000033","service":"checkout","children":[` +
			`{"name":"payment.Charge","value":50,"spanId":"0000000000000034","service":"payment"}]},` +
			`{"name":"checkout.SELECT orders","value":5,"spanId":"0000000000000035","service":"checkout"}]}]}`,
		"self": `{"name":"frontend.GET /cart (150 ms)","value":20,"spanId":"0000000000000031","service":"frontend","children":[` +
			`{"name":"checkout.PlaceOrder","value":65,"spanId":"0000000000000032","service":"checkout","children":[` +
			`{"name":"checkout.charge","value":10,"spanId":"0000000000000033","service":"checkout","children":[` +
			`{"name":"payment.Charge","value":50,"spanId":"0000000000000034","service":"payment"}]},` +
			`{"name":"checkout.SELECT orders","value":5,"spanId":"0000000000000035","service":"checkout"}]}]}`,
	} {
		c := as(t, 0, "")
		if err := s.FlameGraph(&tracesv1.FlameGraphRequest{TraceId: failed, Mode: mode}, c); err != nil {
			t.Fatal(err)
		}
		if got := c.body.String(); got != `{"status":"success","data":`+want+`}` {
			t.Errorf("%s: got %s", mode, got)
		}
	}
	expect(t, s.FlameGraph(&tracesv1.FlameGraphRequest{TraceId: failed, Mode: "x"}, as(t, 0, "")), fault.CodeInvalidRequest, "Invalid flame graph mode", "mode")
}

func TestFlameGraphSearch(t *testing.T) {
	s := serve(t, newPeer(t), limits())
	c := as(t, 0, "")
	if err := s.FlameGraphSearch(&tracesv1.SearchRequest{Service: "nothing", Start: start, End: end}, c); err != nil {
		t.Fatal(err)
	}
	if got := c.body.String(); got != `{"status":"success","data":{"name":"aggregate (0 traces)","value":0}}` {
		t.Errorf("got %s", got)
	}
	c = as(t, 0, "")
	if err := s.FlameGraphSearch(&tracesv1.SearchRequest{Service: "frontend", Start: start, End: end, Limit: 2}, c); err != nil {
		t.Fatal(err)
	}
	if c.member(t, "data", "name") != "aggregate (2 traces)" || c.member(t, "data", "value") != 370.0 || strings.Count(c.body.String(), `"name":"payment.Charge","value":50`) != 2 {
		t.Errorf("got %s", c.body.String())
	}
}

func TestCriticalPath(t *testing.T) {
	s := serve(t, newPeer(t), limits())
	got, err := s.CriticalPath(as(t, 0, "").ctx, &tracesv1.TraceRequest{TraceId: "abc003"})
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, p := range got.GetData().GetSegments() {
		list = append(list, fmt.Sprintf("%s.%s %g+%g %t", p.GetService(), p.GetOperation(), p.GetStartUs()/1000, p.GetDurationUs()/1000, p.GetError()))
	}
	want := []string{"frontend.GET /cart 0+10 true", "checkout.PlaceOrder 10+10 true", "checkout.charge 20+5 false", "payment.Charge 25+50 true",
		"checkout.charge 75+5 false", "checkout.PlaceOrder 80+10 true", "checkout.SELECT orders 90+5 false", "checkout.PlaceOrder 95+45 true", "frontend.GET /cart 140+10 true"}
	if strings.Join(list, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %s", strings.Join(list, "\n"))
	}
	shares := got.GetData().GetServices()
	if len(shares) != 3 || shares[0].GetService() != "checkout" || shares[0].GetDurationUs() != 80_000 || shares[1].GetShare() != 50.0/150 {
		t.Errorf("got %v", shares)
	}
}

func TestCompare(t *testing.T) {
	s := serve(t, newPeer(t), limits())
	got, err := s.Compare(as(t, 0, "").ctx, &tracesv1.CompareRequest{TraceId: failed, Other: first})
	if err != nil {
		t.Fatal(err)
	}
	d := got.GetData()
	if d.GetTrace().GetTraceId() != failed || d.GetTrace().GetErrors() != 3 || d.GetOther().GetErrors() != 0 || d.GetTrace().GetDurationUs() != 150_000 || d.GetOther().GetServices() != 3 {
		t.Errorf("got %v", d)
	}
	kinds := map[string]string{}
	for _, o := range d.GetOperations() {
		kinds[o.GetService()+"."+o.GetOperation()] = o.GetKind()
	}
	if kinds["frontend.GET /cart"] != "only_here" || kinds["frontend.POST /checkout"] != "only_there" || kinds["payment.Charge"] != "failing" || kinds["checkout.charge"] != "same" {
		t.Errorf("got %v", kinds)
	}
}

// rows are spans of two services, as VictoriaTraces tells them.
func rows(traces int) string {
	var out strings.Builder
	for i := range traces {
		for _, s := range [][4]string{{"1", "", "2", "web"}, {"2", "1", "3", "web"}, {"3", "2", "2", "pay"}} {
			status := "0"
			if s[0] == "3" && i%4 == 0 {
				status = "2"
			}
			fmt.Fprintf(&out, `{"trace_id":"%032x","span_id":"%s","parent_span_id":"%s","name":"o","kind":"%s","status_code":"%s","duration":"%d","resource_attr:service.name":"%s"}`+"\n",
				i+1, s[0], s[1], s[2], status, (i+1)*1_000_000, s[3])
		}
	}
	return out.String()
}

// spanStore answers counts of n spans, and rows.
func spanStore(t *testing.T, n, traces int) *peer {
	p := newPeer(t)
	p.own = func(w http.ResponseWriter, r *http.Request) bool {
		switch r.URL.Path {
		case depsPath:
			http.Error(w, "/api/dependencies API is not supported yet.", http.StatusBadRequest)
		case rowsPath:
			w.Header().Set("Content-Type", "application/stream+json")
			query := r.URL.Query().Get("query")
			switch {
			case strings.Contains(query, "stats by"):
				_, _ = fmt.Fprintf(w, `{"resource_attr:service.name":"pay","kind":"2","status_code":"2","n":"%d"}`+"\n", n)
			case n > 100_000 && !strings.HasPrefix(query, `trace_id:~"0$" | `):
				t.Errorf("asked for %s", query)
			default:
				_, _ = w.Write([]byte(rows(traces)))
			}
		default:
			return false
		}
		return true
	}
	return p
}

func TestServiceMapOfSpans(t *testing.T) {
	s := serve(t, spanStore(t, 300, 100), limits())
	got, err := s.ServiceMap(as(t, 0, "").ctx, &tracesv1.ServiceMapRequest{Start: start, End: end})
	if err != nil {
		t.Fatal(err)
	}
	d := got.GetData()
	if d.GetSource() != "spans" || d.GetSampled() || d.GetTraces() != 100 || d.GetNote() == "" || d.GetStart() != "2026-11-20T10:00:00Z" || d.GetEnd() != "2026-11-20T11:00:00Z" {
		t.Errorf("got %v", d)
	}
	if len(d.GetEdges()) != 1 || len(d.GetNodes()) != 2 {
		t.Fatalf("got %v", d)
	}
	e := d.GetEdges()[0]
	if e.GetSource() != "web" || e.GetTarget() != "pay" || e.GetCalls() != 100 || e.GetRate() != 100.0/3600 || e.GetErrorRate() != 0.25 ||
		e.GetP50Ms() != 50 || e.GetP95Ms() != 95 || e.GetP99Ms() != 99 || e.GetAsync() {
		t.Errorf("got %v", e)
	}
	got, err = s.ServiceMap(as(t, 0, "").ctx, &tracesv1.ServiceMapRequest{Start: start, End: end, Service: "other"})
	if err != nil || len(got.GetData().GetEdges()) != 0 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestServiceMapOfAPart(t *testing.T) {
	s := serve(t, spanStore(t, 300*16, 100), limits())
	got, err := s.ServiceMap(as(t, 0, "").ctx, &tracesv1.ServiceMapRequest{Start: start, End: end})
	if err != nil {
		t.Fatal(err)
	}
	if d := got.GetData(); !d.GetSampled() || d.GetEdges()[0].GetCalls() != 1600 || d.GetEdges()[0].GetErrorRate() != 0.25 || d.GetNodes()[0].GetRate() != 4800.0/3600 {
		t.Errorf("got %v", d)
	}
	s = serve(t, spanStore(t, 1_000_000, 100), limits())
	if got, err = s.ServiceMap(as(t, 0, "").ctx, &tracesv1.ServiceMapRequest{Start: start, End: end}); err != nil || !got.GetData().GetSampled() {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestServiceMapOfTheBackEnd(t *testing.T) {
	p := newPeer(t)
	p.says(depsPath, "application/json", `{"data":[{"parent":"web","child":"pay","callCount":7200}]}`)
	s := serve(t, p, limits())
	got, err := s.ServiceMap(as(t, 0, "").ctx, &tracesv1.ServiceMapRequest{Start: start, End: end})
	if d := got.GetData(); err != nil || d.GetSource() != "dependencies" || d.GetTraces() != 0 || d.GetEdges()[0].GetRate() != 2 || d.GetEdges()[0].GetP99Ms() != 0 {
		t.Errorf("got %v, %v", got, err)
	}
	_, err = s.ServiceMap(as(t, 0, "").ctx, &tracesv1.ServiceMapRequest{Start: "x"})
	expect(t, err, fault.CodeInvalidTime, "Invalid service map request", "/start")
}

// TestServiceMapOfSearches: a back end that can neither count nor be asked for
// rows.
func TestServiceMapOfSearches(t *testing.T) {
	p := newPeer(t)
	body := p.recorded[key("0", failedPath, nil)].Body
	p.own = func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case r.URL.Path == depsPath || r.URL.Path == rowsPath:
			http.NotFound(w, r)
		case r.URL.Query().Get("service") != "":
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(body))
		default:
			return false
		}
		return true
	}
	got, err := serve(t, p, limits()).ServiceMap(as(t, 0, "").ctx, &tracesv1.ServiceMapRequest{Start: start, End: end})
	if err != nil {
		t.Fatal(err)
	}
	var edges []string
	for _, e := range got.GetData().GetEdges() {
		edges = append(edges, fmt.Sprintf("%s-%s %g", e.GetSource(), e.GetTarget(), e.GetCalls()))
	}
	if strings.Join(edges, ",") != "checkout-payment 1,checkout-postgresql 1,frontend-checkout 1" || got.GetData().GetTraces() != 1 {
		t.Errorf("got %v", got)
	}
}
