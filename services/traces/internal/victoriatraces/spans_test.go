package victoriatraces

import (
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/services/traces/internal/servicemap"
	"github.com/platformbuilds/mirador-core/services/traces/internal/trace"
)

func TestGoldenRowsBecomeSpans(t *testing.T) {
	e := exchanges(t, "06-logsql-on-spans")["error_span"]
	row := exchanges(t, "06-logsql-on-spans")["span_row"]
	e.Response.Body += row.Response.Body
	var got http.Request
	c := e.answering(t, &got)
	spans := map[string]trace.Span{}
	id := &identity.Identity{Account: 3, Project: 4}
	err := c.Spans(t.Context(), id, seedWindow(), "", 100, func(traceID string, s trace.Span) {
		spans[traceID[26:]+" "+strings.TrimLeft(s.ID, "0")] = s
	})
	if err != nil || len(spans) != 8 {
		t.Fatalf("got %d spans, %v", len(spans), err)
	}
	for key, want := range map[string]trace.Span{
		"abc003 34": {ID: "0000000000000034", Parent: "0000000000000033", Service: "payment", Operation: "Charge", Duration: 50_000,
			Kind: trace.KindServer, Error: true, Links: []trace.Link{{TraceID: "00000000000000000000000000abc000", SpanID: "0000000000000002"}}},
		"abc000 5": {ID: "0000000000000005", Parent: "0000000000000002", Service: "checkout", Operation: "SELECT orders", Duration: 5000,
			Kind: trace.KindClient, Peer: "postgresql"},
		"abc000 3": {ID: "0000000000000003", Parent: "0000000000000002", Service: "checkout", Operation: "charge", Duration: 60_000,
			Kind: trace.KindClient, Peer: "payment"},
	} {
		if !reflect.DeepEqual(spans[key], want) {
			t.Errorf("%s: got %+v", key, spans[key])
		}
	}
	v := got.URL.Query()
	if got.URL.Path != "/select/logsql/query" || v.Get("start") != "2026-11-20T10:00:00Z" || v.Get("end") != "2026-11-20T11:00:00Z" ||
		v.Get("limit") != "100" || got.Header.Get("AccountID") != "3" || got.Header.Get("ProjectID") != "4" {
		t.Errorf("sent %s %v", got.URL, got.Header)
	}
	if want := `* | fields trace_id,span_id,parent_span_id,name,kind,status_code,duration,"resource_attr:service.name",`; !strings.HasPrefix(v.Get("query"), want) {
		t.Errorf("sent %s", v.Get("query"))
	}
}

func TestSpansOfAPart(t *testing.T) {
	for suffix, want := range map[string]string{"": "* | ", "00": `trace_id:~"00$" | `, `0" or *`: "* | "} {
		if got := spansQuery(suffix); !strings.HasPrefix(got, want+"fields ") {
			t.Errorf("%q: got %s", suffix, got)
		}
	}
}

func TestCounts(t *testing.T) {
	var got http.Request
	var e exchange
	e.Response.Status, e.Response.Headers = http.StatusOK, map[string]string{"Content-Type": "application/stream+json"}
	e.Response.Body = `{"resource_attr:service.name":"cart","kind":"2","status_code":"2","n":"7"}` + "\n" + `{"kind":"0","n":"3"}` + "\n"
	c := e.answering(t, &got)
	counts, err := c.Counts(t.Context(), &identity.Identity{}, seedWindow())
	want := []servicemap.Count{{Service: "cart", Kind: trace.KindServer, Error: true, Spans: 7}, {Spans: 3}}
	if err != nil || !reflect.DeepEqual(counts, want) {
		t.Errorf("got %+v, %v", counts, err)
	}
	if q := got.URL.Query().Get("query"); q != `* | stats by ("resource_attr:service.name",kind,status_code) count() n` {
		t.Errorf("sent %s", q)
	}
}

func TestRowsThatAreNone(t *testing.T) {
	for name, body := range map[string]string{"cut": `{"trace_id":"a`, "no JSON": "oops\n", "number": `{"n":"x"}` + "\n",
		"long": `{"name":"` + strings.Repeat("x", maxLine) + `"}`} {
		var got http.Request
		var e exchange
		e.Response.Status, e.Response.Headers, e.Response.Body = http.StatusOK, map[string]string{"Content-Type": "application/stream+json"}, body
		_, err := e.answering(t, &got).Counts(t.Context(), &identity.Identity{}, seedWindow())
		if f := fault.From(err); f == nil || f.Code != fault.CodeBackendFailed && f.Code != fault.CodeAnswerTooLarge {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestRowsMayBeUnsupported(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) { http.NotFound(w, nil) })
	err := c.Spans(t.Context(), &identity.Identity{}, seedWindow(), "", 1, nil)
	if !errors.Is(err, servicemap.ErrUnsupported) {
		t.Errorf("got %v", err)
	}
}
