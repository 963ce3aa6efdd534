package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/identity"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
	"github.com/platformbuilds/mirador-core/services/logs/internal/victorialogs"
)

const realRows = 3000

// TestRealReads writes rows into a VictoriaLogs, in a tenant of their own, and
// asks for them in every way: all answers about one window agree.
func TestRealReads(t *testing.T) {
	address := os.Getenv("VICTORIALOGS_URL")
	if address == "" {
		t.Skip("no real server given: set VICTORIALOGS_URL")
	}
	target, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.Transport, proxy.FlushInterval = transport, -1
	s := onBackend(t, proxy.ServeHTTP)
	s.Now = time.Now
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r := &reads{Server: s, ctx: identity.Into(ctx, &identity.Identity{Tenant: "own", Account: rand.Uint32(), User: "ann"}),
		begin: time.Now().Add(-2 * time.Hour).Truncate(time.Hour).UTC()}
	r.write(t)
	for name, check := range map[string]func(*testing.T){"query": r.query, "search": r.searches, "histogram": r.histogram, "facets": r.facets,
		"lists": r.lists, "related": r.related, "context": r.context, "refused": r.refused} {
		t.Run(name, check)
	}
}

// reads are the questions about the rows of one test.
type reads struct {
	*Server
	ctx   context.Context
	begin time.Time
}

func (r *reads) at(i int) time.Time { return r.begin.Add(time.Duration(i/50) * time.Second * 59) }

// write makes rows of which 50 share each time, with two levels, two services
// and a trace for every hundred.
func (r *reads) write(t *testing.T) {
	var body bytes.Buffer
	for i := range realRows {
		fmt.Fprintf(&body, `{"_time":%q,"_msg":"row %d","service":"s%d","level":%q,"trace_id":"%032x"}`+"\n",
			r.at(i).Format(time.RFC3339Nano), i, i%2, []string{"info", "info", "error"}[i%3], i/100)
	}
	if err := r.Backend.Insert(r.ctx, victorialogs.InsertRequest{Body: body.Bytes(), StreamFields: []string{"service"}}); err != nil {
		t.Fatal(err)
	}
	for {
		list, err := r.Backend.Streams(r.ctx, victorialogs.Query{Text: "*", Start: r.begin, End: r.begin.Add(2 * time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 2 && list[0].Hits+list[1].Hits == realRows {
			return
		}
	}
}

func (r *reads) window() (start, end string) {
	return r.begin.Format(time.RFC3339), r.begin.Add(time.Hour).Format(time.RFC3339)
}

func (r *reads) out() *bodies { return &bodies{ctx: r.ctx} }

func (r *reads) query(t *testing.T) {
	start, end := r.window()
	for format, want := range map[string]string{"json": `"logCount":3000`, "csv": "_msg,_stream,_stream_id,_time,level,service,trace_id\r\n", "ndjson": `"row 2999"`} {
		out := r.out()
		if err := r.Query(&logsv1.QueryRequest{Query: "*", Start: start, End: end, Limit: 5000, Format: format}, out); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.body.String(), want) {
			t.Errorf("%s: got %.300s", format, out.body.String())
		}
	}
}

func (r *reads) searches(t *testing.T) {
	start, end := r.window()
	for _, form := range []string{"cursor", "place"} {
		in := &logsv1.SearchRequest{Query: "level:*", Start: start, End: end, Limit: 333}
		seen := map[string]bool{}
		for range 20 {
			out := r.out()
			if err := r.Search(in, out); err != nil {
				t.Fatal(err)
			}
			var p page
			if err := json.Unmarshal(out.body.Bytes(), &p); err != nil {
				t.Fatal(err)
			}
			for _, row := range p.Rows {
				if seen[string(row)] {
					t.Fatalf("%s came twice", row)
				}
				seen[string(row)] = true
			}
			if p.Next == nil {
				break
			}
			if in.Cursor = p.Cursor; form == "place" {
				in.Cursor, in.PageAfter = "", &logsv1.PageAfter{Ts: p.Next.TS, Offset: p.Next.Offset}
			}
		}
		if len(seen) != realRows {
			t.Errorf("%s: got %d rows", form, len(seen))
		}
	}
}

func (r *reads) histogram(t *testing.T) {
	start, end := r.window()
	for name, in := range map[string]*logsv1.HistogramRequest{"plain": {}, "by field": {Field: "level"}, "rest": {Field: "trace_id", Limit: 2},
		"changed": {Query: `* | extract "row <n>"`, Field: "level"}} {
		in.Start, in.End, in.Step = start, end, "5m"
		h, err := r.Histogram(r.ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		if h.GetStats().GetTotal() != realRows || len(h.GetBuckets()) != 12 {
			t.Errorf("%s: got %v", name, h)
		}
		sum := 0.0
		for _, g := range h.GetGroups() {
			sum += g.GetTotal()
		}
		if in.Field != "" && sum != realRows || in.Limit == 2 && len(h.GetGroups()) != 3 || in.Field == "level" && h.GetGroups()[0].GetTotal() != 2000 {
			t.Errorf("%s: got %v", name, h.GetGroups())
		}
	}
	h, err := r.Histogram(r.ctx, &logsv1.HistogramRequest{Start: start, End: end, Step: "1h", Sampling: 10})
	if err != nil || !h.GetSampled() || h.GetStats().GetTotal() < 100 || h.GetStats().GetTotal() > 900 {
		t.Errorf("sampled: got %v, %v", h, err)
	}
}

func (r *reads) facets(t *testing.T) {
	start, end := r.window()
	for _, fields := range [][]string{{"level,trace_id,none"}, nil} {
		f, err := r.Facets(r.ctx, &logsv1.FacetsRequest{Query: "*", Start: start, End: end, Fields: fields, Limit: 3})
		if err != nil {
			t.Fatal(err)
		}
		if f.GetStats().GetTotal() != realRows || len(f.GetFacets()) == 0 {
			t.Errorf("got %v", f)
		}
		for _, facet := range f.GetFacets() {
			sum := facet.GetOther() + facet.GetMissing()
			for _, b := range facet.GetBuckets() {
				sum += b.GetCount()
			}
			if sum != realRows || facet.GetCapped() != (facet.GetOther() > 0) {
				t.Errorf("got %v", facet)
			}
		}
	}
}

func (r *reads) lists(t *testing.T) {
	start, end := r.window()
	streams, err := r.Streams(r.ctx, &logsv1.SelectRequest{Start: start, End: end})
	if err != nil || streams.GetData().GetTotal() != 2 || streams.GetData().GetStreams()[0].GetFields()["service"].GetStringValue() != "s0" {
		t.Errorf("got %v, %v", streams, err)
	}
	fields, err := r.Fields(r.ctx, &logsv1.SelectRequest{Start: start, End: end})
	if err != nil || strings.Join(fields.GetData().GetFields(), " ") != "_msg _stream _stream_id _time level service trace_id" {
		t.Errorf("got %v, %v", fields, err)
	}
	values, err := r.FieldValues(r.ctx, &logsv1.FieldValuesRequest{Field: "level", Start: start, End: end, Limit: 1})
	if err != nil || !values.GetData().GetCapped() || values.GetData().GetValues()[0].GetCount() != 2000 {
		t.Errorf("got %v, %v", values, err)
	}
	traces, err := r.TraceIDs(r.ctx, &logsv1.QueryRequest{Query: "level:error", Start: start, End: end, Limit: 7})
	if err != nil || len(traces.GetData().GetTraces()) != 7 || !traces.GetData().GetCapped() || traces.GetData().GetTraces()[0].GetRows() != 34 {
		t.Fatalf("got %v, %v", traces, err)
	}
	first := traces.GetData().GetTraces()[0]
	if !before(first.GetFirstSeen(), first.GetLastSeen()) {
		t.Errorf("got %v", first)
	}
}

func (r *reads) related(t *testing.T) {
	start, end := r.window()
	out := r.out()
	if err := r.TraceLogs(&logsv1.TraceLogsRequest{TraceId: fmt.Sprintf("%032X", 10), Start: start, End: end}, out); err != nil {
		t.Fatal(err)
	}
	if got := out.json(t)["metadata"].(map[string]any)["logCount"]; got != 100.0 {
		t.Errorf("got %v rows of a trace", got)
	}
	out = r.out()
	if err := r.ServiceLogs(&logsv1.ServiceLogsRequest{Service: "s1", Query: "level:error OR nothing", Start: start, End: end}, out); err != nil {
		t.Fatal(err)
	}
	if got := out.json(t)["metadata"].(map[string]any)["logCount"]; got != 500.0 {
		t.Errorf("got %v rows of a service", got)
	}
}

func (r *reads) context(t *testing.T) {
	list, err := lineOf(r, fmt.Sprintf(`_msg:="row %d"`, 1010))
	if err != nil {
		t.Fatal(err)
	}
	out := r.out()
	if err := r.Context(&logsv1.ContextRequest{StreamId: list["_stream_id"], Time: list["_time"], Before: 30, After: 40}, out); err != nil {
		t.Fatal(err)
	}
	data := out.json(t)["data"].(map[string]any)
	if len(data["rows"].([]any)) != 30+25+40 || data["row"].(map[string]any)["index"] != 30.0 || data["row"].(map[string]any)["count"] != 25.0 {
		t.Errorf("got %d rows, %v", len(data["rows"].([]any)), data["row"])
	}
}

func lineOf(r *reads, query string) (map[string]string, error) {
	rows, err := r.Backend.Query(r.ctx, victorialogs.Query{Text: query, Start: r.begin, End: r.begin.Add(2 * time.Hour)})
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	line, err := rows.Next()
	if err != nil {
		return nil, err
	}
	var m map[string]string
	return m, json.Unmarshal(line, &m)
}

func (r *reads) refused(t *testing.T) {
	out := r.out()
	err := r.ServiceLogs(&logsv1.ServiceLogsRequest{Service: "s1", Query: "a:range[1,x]"}, out)
	if err == nil || !strings.Contains(err.Error(), "cannot parse") || out.body.Len() > 0 {
		t.Errorf("got %v", err)
	}
}
