package victorialogs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/upstream"
	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
)

// ask makes the recorded request with the client and gives what it made of the
// answer, in the form of the recorded body. ok is false when clients of ours
// cannot cause the request.
type ask func(ctx context.Context, c *Client) (any, error)

// ours gives the call that should lead to the recorded request.
func (e exchange) ours() (call ask, scope string, ok bool) {
	endpoint, found := strings.CutPrefix(e.Request.Path, prefix)
	v := e.values()
	q, good := query(v)
	if !found || !good || e.Request.Method != http.MethodGet || e.Response.Truncated > 0 {
		return nil, "", false
	}
	if f := v.Get("extra_stream_filters"); f != "" && !strings.HasPrefix(f, `{"`) {
		scope = strings.Trim(f, "{}")
	}
	call, want := e.call(endpoint, q, v)
	if scope != "" {
		want.Set("extra_stream_filters", "{"+scope+"}")
	}
	return call, scope, call != nil && reflect.DeepEqual(want, v)
}

func query(v url.Values) (q Query, ok bool) {
	q.Text = v.Get("query")
	var errs [3]error
	q.Start, errs[0] = parse(v.Get("start"))
	q.End, errs[1] = parse(v.Get("end"))
	q.Limit, errs[2] = strconv.Atoi("0" + v.Get("limit"))
	return q, errors.Join(errs[:]...) == nil
}

func parse(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339Nano, s)
}

// call by endpoint, and the parameters that we send for it.
func (e exchange) call(endpoint string, q Query, v url.Values) (ask, url.Values) {
	want := q.values()
	step, _ := time.ParseDuration(v.Get("step"))
	if endpoint == "hits" || endpoint == "stats_query_range" {
		want.Set("step", Duration(step))
	}
	if v.Has("field") {
		want["field"] = v["field"]
	}
	switch endpoint {
	case "query":
		return func(ctx context.Context, c *Client) (any, error) { return lines(c.Query(ctx, q)) }, want
	case "hits":
		hq := HitsQuery{Query: q, Step: step, Fields: v["field"]}
		if hq.FieldsLimit, _ = strconv.Atoi(v.Get("fields_limit")); hq.FieldsLimit > 0 {
			want.Set("fields_limit", v.Get("fields_limit"))
		}
		return func(ctx context.Context, c *Client) (any, error) { return c.Hits(ctx, hq) }, want
	case "facets":
		fq := FacetsQuery{Query: q, KeepConst: v.Has("keep_const_fields")}
		if fq.KeepConst {
			want.Set("keep_const_fields", "1")
		}
		return func(ctx context.Context, c *Client) (any, error) { return c.Facets(ctx, fq) }, want
	case "field_names":
		return func(ctx context.Context, c *Client) (any, error) { return c.FieldNames(ctx, q) }, want
	case "field_values":
		return func(ctx context.Context, c *Client) (any, error) { return c.FieldValues(ctx, q, v.Get("field")) }, want
	case "streams":
		return func(ctx context.Context, c *Client) (any, error) { return c.Streams(ctx, q) }, want
	case "stats_query":
		return func(ctx context.Context, c *Client) (any, error) { return c.StatsQuery(ctx, q) }, want
	case "stats_query_range":
		return func(ctx context.Context, c *Client) (any, error) { return c.StatsQueryRange(ctx, q, step) }, want
	case "tail":
		return e.tail(q, v, want)
	}
	return nil, nil
}

func (e exchange) tail(q Query, v, want url.Values) (ask, url.Values) {
	t := TailQuery{Text: q.Text}
	for name, d := range map[string]*time.Duration{"start_offset": &t.StartOffset, "offset": &t.Offset, "refresh_interval": &t.Refresh} {
		if *d, _ = time.ParseDuration(v.Get(name)); *d > 0 {
			want.Set(name, Duration(*d))
		}
	}
	return func(ctx context.Context, c *Client) (any, error) { return lines(c.Tail(ctx, t)) }, want
}

// lines reads all rows.
func lines(rows *Rows, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []string{}
	for {
		var r row.Row
		switch err := rows.Read(&r); {
		case errors.Is(err, io.EOF):
			return list, nil
		case err != nil:
			return nil, err
		}
		list = append(list, string(r.AppendJSON(nil)))
	}
}

// TestGolden holds every recorded exchange that we can cause against what we
// send and what we make of the answer.
func TestGolden(t *testing.T) {
	var current exchange
	client := replay(t, &current)
	covered := map[string]int{}
	for _, e := range load(t) {
		call, scope, ok := e.ours()
		account, err := strconv.ParseUint(e.tenant()[0], 10, 32)
		project, err2 := strconv.ParseUint(e.tenant()[1], 10, 32)
		if !ok || err != nil || err2 != nil {
			continue
		}
		current = e
		covered[strings.TrimPrefix(e.Request.Path, prefix)]++
		t.Run(e.Name, func(t *testing.T) {
			got, err := call(as(t.Context(), uint32(account), uint32(project), scope), client)
			e.judge(t, got, err)
		})
	}
	for endpoint, least := range map[string]int{"query": 230, "hits": 10, "facets": 3, "field_names": 5, "field_values": 7,
		"streams": 4, "stats_query": 9, "stats_query_range": 7, "tail": 4} {
		if covered[endpoint] < least {
			t.Errorf("%s: %d of at least %d exchanges", endpoint, covered[endpoint], least)
		}
	}
}

func (e exchange) judge(t *testing.T, got any, err error) {
	if e.Response.Status == 200 {
		if err != nil {
			t.Fatal(err)
		}
		if want := e.meaning(t); !reflect.DeepEqual(got, want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
		return
	}
	f := fault.From(err)
	if f == nil {
		t.Fatalf("status %d became an answer", e.Response.Status)
	}
	blamed := strings.Contains(e.Response.Body, "query [")
	if blamed && (f.Code != fault.CodeQueryInvalid || f.Detail == "") || !blamed && f.Code != fault.CodeBackendFailed {
		t.Errorf("%q became %v", e.Response.Body, f)
	}
	if len(f.Detail) > upstream.MaxMessage || strings.Contains(f.Detail, "query [") || strings.Contains(f.Detail, "context: [") {
		t.Errorf("got detail %q", f.Detail)
	}
}

// meaning of the recorded body, read with encoding/json alone.
func (e exchange) meaning(t *testing.T) any {
	body := e.body(t)
	read := func(into any) {
		if err := json.Unmarshal([]byte(body), into); err != nil {
			t.Fatal(err)
		}
	}
	switch endpoint := strings.TrimPrefix(e.Request.Path, prefix); endpoint {
	case "query", "tail":
		return rowsOf(body)
	case "hits":
		var want struct{ Hits []Hits }
		read(&want)
		return want.Hits
	case "facets":
		var raw struct{ Facets []map[string]any }
		read(&raw)
		return facetsOf(raw.Facets)
	case "stats_query", "stats_query_range":
		var raw struct {
			Data struct{ Result []map[string]any }
		}
		read(&raw)
		return samplesOf(raw.Data.Result)
	default:
		var want struct{ Values []Value }
		read(&want)
		return want.Values
	}
}

// forged members of recorded rows, which come last and are left out.
var forged = strings.NewReplacer(`"a":"1","a":"2"`, `"a":"1"`, `"_msg":"reserved","_stream":"{x=\"y\"}","_stream_id":"abc"`, `"_msg":"reserved"`)

func rowsOf(body string) []string {
	list := []string{}
	for line := range strings.Lines(body) {
		list = append(list, forged.Replace(strings.TrimSpace(line)))
	}
	return list
}

func facetsOf(raw []map[string]any) []Facet {
	list := make([]Facet, len(raw))
	for i, f := range raw {
		list[i].Field = f["field_name"].(string)
		for _, v := range f["values"].([]any) {
			m := v.(map[string]any)
			list[i].Values = append(list[i].Values, Value{m["field_value"].(string), uint64(m["hits"].(float64))})
		}
	}
	return list
}

func samplesOf(raw []map[string]any) []Sample {
	list := make([]Sample, len(raw))
	for i, r := range raw {
		list[i].Labels = map[string]string{}
		for name, value := range r["metric"].(map[string]any) {
			list[i].Labels[name] = value.(string)
		}
		points, many := r["values"].([]any)
		if !many {
			points = []any{r["value"]}
		}
		for _, p := range points {
			pair := p.([]any)
			list[i].Points = append(list[i].Points, Point{time.Unix(int64(pair[0].(float64)), 0).UTC(), pair[1].(string)})
		}
	}
	return list
}

// TestGoldenErrorsKeepTheirMeaning compares reason and position.
func TestGoldenErrorsKeepTheirMeaning(t *testing.T) {
	want := map[string]string{
		"07-errors.jsonl/unclosed_quote":                  "1: improperly quoted string",
		"07-errors.jsonl/unclosed_paren":                  "7: unexpected token \"\" instead of ')'",
		"07-errors.jsonl/unknown_stats_func":              `16: cannot parse 'stats' pipe: unknown stats func "nosuch"`,
		"07-errors.jsonl/bad_range":                       `12: cannot parse maxValue in range(): cannot parse "x" as float64`,
		"07-errors.jsonl/extra_paren":                     "2: unexpected unparsed tail after [a]",
		"07-errors.jsonl/error_in_stats_query":            "1: improperly quoted string",
		"07-errors.jsonl/tail_with_sort_refused":          "the query cannot be used in live tailing",
		"06-stats-query.jsonl/stats_query_bad_pipe_after": `the "uniq by (n)" pipe cannot be put after "stats count(*) as n" pipe`,
		"06-stats-query.jsonl/stats_query_no_stats_pipe":  "missing `| stats ...` pipe",
	}
	var current exchange
	client := replay(t, &current)
	for _, e := range load(t) {
		call, scope, ok := e.ours()
		if want[e.Name] == "" || !ok {
			continue
		}
		current = e
		_, err := call(as(t.Context(), 0, 0, scope), client)
		f := fault.From(err)
		got := f.Detail
		if p, ok := f.Extra["position"].(map[string]any); ok {
			got = fmt.Sprintf("%v: %s", p["offset"], got)
		}
		if got != want[e.Name] {
			t.Errorf("%s: got %s", e.Name, got)
		}
		delete(want, e.Name)
	}
	if len(want) > 0 {
		t.Errorf("not recorded: %v", slices.Sorted(mapsKeys(want)))
	}
}

func mapsKeys(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}
