package api

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

// closed is a window of the demo's history that nothing is written to any more.
func closed() (start, end time.Time) {
	end = time.Now().UTC().Truncate(time.Minute).Add(-10 * time.Minute)
	return end.Add(-3 * time.Hour), end
}

// between is the window start <= time < end as query parameters: both bounds of
// a request are inclusive.
func between(start, end time.Time) string {
	return url.Values{"start": {start.Format(time.RFC3339Nano)}, "end": {last(end)}}.Encode()
}

// last is the moment before the end.
func last(end time.Time) string { return end.Add(-1).Format(time.RFC3339Nano) }

func number(v any) int {
	f, _ := v.(float64)
	return int(f)
}

// sum adds up the named member of a list of objects.
func sum(list any, member string) (total int, distinct map[int]bool) {
	items, _ := list.([]any)
	distinct = map[int]bool{}
	for _, item := range items {
		m, _ := item.(map[string]any)
		n := number(m[member])
		total += n
		distinct[n] = true
	}
	return total, distinct
}

// TestCountsAgree compares four ways to count the same rows with what the
// generator says it wrote.
func TestCountsAgree(t *testing.T) {
	start, end := closed()
	told, err := running.Told(start, end)
	if err != nil {
		t.Fatal(err)
	}
	want := told.Logs.Total
	if want < 10_000 {
		t.Fatalf("the demo wrote %d rows only", want)
	}
	histogram := viewer.Get(t, "/api/v1/logs/histogram?step=60000&"+between(start, end)).Want(t, 200)
	got, distinct := sum(histogram.At("buckets"), "count")
	if got != want || len(distinct) < 10 {
		t.Errorf("histogram counts %d rows in buckets of %d sizes, the generator %d", got, len(distinct), want)
	}
	facets := viewer.Get(t, "/api/v1/logs/facets?fields=service,level&limit=200&"+between(start, end)).Want(t, 200)
	for i, by := range []map[string]int{told.Logs.ByService, told.Logs.ByLevel} {
		got, _ := sum(facets.At("facets", i, "buckets"), "count")
		if got != want {
			t.Errorf("facet %v counts %d rows, the generator %d", facets.At("facets", i, "field"), got, want)
		}
		buckets, _ := facets.At("facets", i, "buckets").([]any)
		if len(buckets) != len(by) {
			t.Errorf("facet %v has %d values, the generator %d", facets.At("facets", i, "field"), len(buckets), len(by))
		}
		for _, b := range buckets {
			m, _ := b.(map[string]any)
			if key, _ := m["key"].(string); number(m["count"]) != by[key] {
				t.Errorf("facet value %q: %v rows, the generator %d", key, m["count"], by[key])
			}
		}
	}
	if got := len(pages(t, "", start, end, 5000)); got != want {
		t.Errorf("search pages through %d rows, the generator wrote %d", got, want)
	}
	exported := viewer.Get(t, "/api/v1/logs/export?query=*&format=ndjson&"+between(start, end)).Want(t, 200)
	if got := bytes.Count(exported.Body, []byte("\n")); got != want {
		t.Errorf("export holds %d rows, the generator wrote %d", got, want)
	}
}

// pages reads a whole window page by page and returns the rows' identities.
func pages(t *testing.T, query string, start, end time.Time, limit int) map[string]bool {
	t.Helper()
	seen := map[string]bool{}
	body := map[string]any{"query": query, "start": start.UnixMilli(), "end": last(end), "limit": limit}
	for {
		a := viewer.Post(t, "/api/v1/logs/search", body).Want(t, 200)
		rows, _ := a.At("rows").([]any)
		for _, r := range rows {
			id := fmt.Sprint(r)
			if seen[id] {
				t.Fatalf("row twice: %.300s", id)
			}
			seen[id] = true
		}
		if a.At("cursor") == nil {
			if len(rows) == limit {
				t.Fatal("a full page without a cursor")
			}
			return seen
		}
		body["cursor"] = a.At("cursor")
	}
}

func TestSearchWithTheContractsPlace(t *testing.T) {
	_, end := closed()
	start := end.Add(-5 * time.Minute)
	want := pages(t, "service:frontend", start, end, 1000)
	got := map[string]bool{}
	body := map[string]any{"query": "service:frontend", "start": start.UnixMilli(), "end": last(end), "limit": 37}
	for {
		a := viewer.Post(t, "/api/v1/logs/search", body).Want(t, 200)
		rows, _ := a.At("rows").([]any)
		for _, r := range rows {
			if id := fmt.Sprint(r); got[id] {
				t.Fatalf("row twice: %.300s", id)
			} else {
				got[id] = true
			}
		}
		if a.At("next_page_after") == nil {
			break
		}
		body["page_after"] = a.At("next_page_after")
	}
	if len(got) != len(want) || len(want) == 0 {
		t.Errorf("%d rows by page_after, %d by cursor", len(got), len(want))
	}
}

func TestLogQueryShapes(t *testing.T) {
	start, end := closed()
	body := map[string]any{"query": "service:=checkout", "start": start.UnixMilli(), "end": end.UnixMilli(), "limit": 50}
	a := viewer.Post(t, "/api/v1/logs/query", body).Want(t, 200)
	rows, _ := a.At("data", "logs").([]any)
	if a.At("status") != "success" || len(rows) != 50 || number(a.At("metadata", "logCount")) != 50 {
		t.Errorf("%d rows, metadata %v", len(rows), a.At("metadata"))
	}
	if fields, _ := a.At("data", "fields").([]any); len(fields) < 5 || number(a.At("metadata", "fieldsFound")) != len(fields) {
		t.Errorf("fields %v, metadata %v", fields, a.At("metadata"))
	}
	lines := viewer.Post(t, "/api/v1/logs/query", body, "Accept: application/x-ndjson").Want(t, 200)
	if n := bytes.Count(lines.Body, []byte("\n")); n != 50 || !strings.HasPrefix(lines.Header.Get("Content-Type"), "application/x-ndjson") {
		t.Errorf("%d lines of %s", n, lines.Header.Get("Content-Type"))
	}
	table := viewer.Post(t, "/api/v1/logs/query", body, "Accept: text/csv").Want(t, 200)
	records, err := csv.NewReader(bytes.NewReader(table.Body)).ReadAll()
	if err != nil || len(records) != 51 {
		t.Errorf("%d records, %v", len(records), err)
	}
	viewer.Post(t, "/api/v1/logs/query", body, "Accept: image/png").WantProblem(t, 406, "not_acceptable")
	form := viewer.Form(t, "/api/v1/logs/query", url.Values{"query": {"service:=checkout"}, "limit": {"3"}, "start": {"now-3h"}}).Want(t, 200)
	if rows, _ := form.At("data", "logs").([]any); len(rows) != 3 {
		t.Errorf("a form gives %d rows", len(rows))
	}
}

func TestBadLogRequests(t *testing.T) {
	for name, tt := range map[string]struct {
		path, field, code string
		status            int
	}{
		"unbalanced":   {"/api/v1/logs/query?query=" + url.QueryEscape(`service:"x`), "query", "query_invalid", 400},
		"unknown pipe": {"/api/v1/logs/query?query=" + url.QueryEscape("* | nosuchpipe"), "query", "query_invalid", 400},
		"server's own": {"/api/v1/logs/query?query=" + url.QueryEscape("* | sort by"), "query", "query_invalid", 400},
		"no query":     {"/api/v1/logs/query", "query", "invalid_request", 400},
		"bad time":     {"/api/v1/logs/histogram?start=yesterday", "start", "invalid_time", 400},
		"too many":     {"/api/v1/logs/histogram?step=1&start=now-3h", "step", "", 400},
		"bad cursor":   {"/api/v1/logs/search?cursor=abc", "cursor", "invalid_request", 400},
		"bad limit":    {"/api/v1/logs/query?query=*&limit=many", "limit", "invalid_request", 400},
		"filter":       {"/api/v1/logs/query?query=*&extra_filters=x", "extra_filters", "parameter_forbidden", 400},
		"bad format":   {"/api/v1/logs/export?query=*&format=xlsx", "format", "invalid_request", 400},
	} {
		t.Run(name, func(t *testing.T) {
			viewer.Get(t, tt.path).WantProblem(t, tt.status, tt.code).NamesField(t, tt.field)
		})
	}
	viewer.Get(t, "/api/v1/logs/query?query=*&tenantId=other").WantProblem(t, 403, "tenant_foreign")
	a := viewer.Get(t, "/api/v1/logs/query?query="+url.QueryEscape(`service:"x`))
	if a.At("position", "offset") == nil || !strings.HasPrefix(fmt.Sprint(a.At("error")), "Invalid LogsQL query") {
		t.Errorf("no position: %s", a.Body)
	}
}

func TestListsOfLogs(t *testing.T) {
	for name, tt := range map[string]struct {
		path string
		list []any
		want string
	}{
		"streams": {"/api/v1/logs/streams", []any{"data", "streams"}, "checkout"},
		"fields":  {"/api/v1/logs/fields", []any{"data", "fields"}, "trace_id"},
		"values":  {"/api/v1/logs/fields/service/values", []any{"data", "values"}, "checkout"},
	} {
		a := viewer.Get(t, tt.path).Want(t, 200)
		list, _ := a.At(tt.list...).([]any)
		if len(list) == 0 || !strings.Contains(fmt.Sprint(list), tt.want) {
			t.Errorf("%s: %.300s", name, a.Body)
		}
	}
}

func TestStoredEventsComeBack(t *testing.T) {
	id := fmt.Sprintf("evt%d", time.Now().UnixNano())
	a := editor.Post(t, "/api/v1/logs/store", map[string]any{"event": map[string]any{
		"_msg": "System fracture prediction for checkout", "type": "e2e_event", "component": "checkout",
		"prediction": map[string]any{"id": id, "probability": 0.83, "tenant_id": "other"}, "tenant_id": "other-marker", "_stream": "{forged=\"1\"}",
	}}).Want(t, 201)
	if a.At("data", "stored") != true || a.At("data", "tenantId") != "demo" {
		t.Errorf("%s", a.Body)
	}
	query := "/api/v1/logs/query?query=" + url.QueryEscape(`prediction.id:="`+id+`" prediction.probability:>0.7`)
	deadline := time.Now().Add(20 * time.Second)
	for {
		found := viewer.Get(t, query).Want(t, 200)
		if number(found.At("metadata", "logCount")) == 1 {
			if found.At("data", "logs", 0, "tenant_id") != "demo" || found.At("data", "logs", 0, "stored_by") != "mirador-core" {
				t.Errorf("row %v", found.At("data", "logs", 0))
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the event is not to be found: %s", found.Body)
		}
		time.Sleep(100 * time.Millisecond)
	}
	lines := "{\"_msg\":\"good\",\"service\":\"e2e\"}\nnot json\n[1]\n{\"_msg\":\"good too\",\"service\":\"e2e\"}\n"
	a = editor.Must(t, "POST", "/api/v1/logs/store", lines, "Content-Type: application/x-ndjson").Want(t, 201)
	if number(a.At("data", "accepted")) != 2 || number(a.At("data", "refused", 0, "line")) != 2 || number(a.At("data", "refused", 1, "line")) != 3 {
		t.Errorf("%s", a.Body)
	}
	editor.Must(t, "POST", "/api/v1/logs/store", "nonsense").WantProblem(t, 400, "")
	viewer.Post(t, "/api/v1/logs/store", map[string]any{"_msg": "x"}).WantProblem(t, 403, "access_denied")
}

func TestContextAndTraceOfARow(t *testing.T) {
	start, end := closed()
	row := viewer.Post(t, "/api/v1/logs/search", map[string]any{"query": "trace_id:* level:error", "start": start.UnixMilli(), "end": end.UnixMilli(), "limit": 1}).Want(t, 200)
	at, id := fmt.Sprint(row.At("rows", 0, "_time")), fmt.Sprint(row.At("rows", 0, "_stream_id"))
	around := viewer.Get(t, "/api/v1/logs/context?before=3&after=2&time="+url.QueryEscape(at)+"&stream_id="+id).Want(t, 200)
	// More than one row of the stream may have that time.
	if rows, _ := around.At("data", "rows").([]any); len(rows) < 6 || !strings.Contains(string(around.Body), at) {
		t.Errorf("%d rows around: %.400s", len(rows), around.Body)
	}
	trace := fmt.Sprint(row.At("rows", 0, "trace_id"))
	window := "&" + between(start, end)
	logs := viewer.Get(t, "/api/v1/traces/"+trace+"/logs?limit=100"+window).Want(t, 200)
	if rows, _ := logs.At("data", "rows").([]any); len(rows) == 0 || strings.Count(string(logs.Body), trace) < len(rows) {
		t.Errorf("logs of the trace: %.300s", logs.Body)
	}
	ids := viewer.Get(t, "/api/v1/logs/traces?query="+url.QueryEscape("trace_id:="+trace)+window).Want(t, 200)
	if ids.At("data", "traces", 0, "traceId") != trace {
		t.Errorf("traces of the rows: %s", ids.Body)
	}
	viewer.Get(t, "/api/v1/traces/"+trace).Want(t, 200)
	for _, kind := range []string{"metrics", "traces", "logs"} {
		if a := viewer.Get(t, "/api/v1/services/checkout/"+kind).Want(t, 200); !strings.Contains(string(a.Body), "checkout") {
			t.Errorf("%s of a service: %.300s", kind, a.Body)
		}
	}
}

func TestPatternsAndDifferences(t *testing.T) {
	start, end := closed()
	a := viewer.Get(t, "/api/v1/logs/patterns?limit=20&"+between(end.Add(-20*time.Minute), end)).Want(t, 200)
	total, distinct := sum(a.At("data", "patterns"), "count")
	if total == 0 || total > number(a.At("data", "rows")) || len(distinct) < 3 || !strings.Contains(string(a.Body), "<") {
		t.Errorf("patterns: %.500s", a.Body)
	}
	body := map[string]any{"bad_start": start.UnixMilli(), "bad_end": end.UnixMilli(), "good_start": start.Add(-time.Hour).UnixMilli(), "good_end": start.UnixMilli()}
	a = viewer.Post(t, "/api/v1/logs/differences", body).Want(t, 200)
	if list, _ := a.At("data", "differences").([]any); len(list) == 0 || number(a.At("data", "bad_rows")) < 10_000 {
		t.Errorf("differences: %.500s", a.Body)
	}
}

func TestExportFormats(t *testing.T) {
	_, end := closed()
	window := between(end.Add(-2*time.Minute), end)
	lines := viewer.Get(t, "/api/v1/logs/export?query=*&format=ndjson&"+window).Want(t, 200)
	want := bytes.Count(lines.Body, []byte("\n"))
	if want < 100 || !strings.Contains(lines.Header.Get("Content-Disposition"), ".ndjson") {
		t.Fatalf("%d rows, %s", want, lines.Header.Get("Content-Disposition"))
	}
	list := viewer.Get(t, "/api/v1/logs/export?query=*&format=json&"+window).Want(t, 200)
	if rows, _ := list.At().([]any); len(rows) != want || list.Header.Get("Content-Type") != "application/json" {
		t.Errorf("json holds %d rows, ndjson %d", len(rows), want)
	}
	table := viewer.Get(t, "/api/v1/logs/export?query=*&format=csv&"+window).Want(t, 200)
	records, err := csv.NewReader(bytes.NewReader(table.Body)).ReadAll()
	if err != nil || len(records) != want+1 {
		t.Errorf("csv holds %d records, ndjson %d: %v", len(records), want, err)
	}
	parquet := viewer.Get(t, "/api/v1/logs/export?query=*&format=parquet&"+window).Want(t, 200)
	if !bytes.HasPrefix(parquet.Body, []byte("PAR1")) || !bytes.HasSuffix(parquet.Body, []byte("PAR1")) {
		t.Errorf("not parquet: %.20q", parquet.Body)
	}
	for _, a := range []string{lines.Trailer.Get("X-Mirador-Rows"), list.Trailer.Get("X-Mirador-Rows"), table.Trailer.Get("X-Mirador-Rows"), parquet.Trailer.Get("X-Mirador-Rows")} {
		if a != fmt.Sprint(want) {
			t.Errorf("trailer says %q rows, want %d", a, want)
		}
	}
	first, _ := bufio.NewReader(bytes.NewReader(lines.Body)).ReadString('\n')
	if !strings.Contains(first, `"_time"`) {
		t.Errorf("first line %q", first)
	}
}
