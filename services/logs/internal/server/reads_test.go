package server

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/platformbuilds/mirador-core/libs/fault"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
)

// Answers as recorded.
const (
	hitsPlain = `{"hits":[{"fields":{},"timestamps":["2026-11-20T10:00:00Z","2026-11-20T10:30:00Z"],"values":[43,15],"total":58}]}`
	hitsField = `{"hits":[{"fields":{"level":""},"timestamps":["2026-11-20T10:00:00Z"],"values":[3],"total":3},` +
		`{"fields":{"level":"info"},"timestamps":["2026-11-20T10:15:00Z"],"values":[9],"total":9},{"fields":{},"timestamps":["2026-11-20T10:00:00Z"],"values":[2],"total":2}]}`
	stepped = `{"_time":"2026-11-20T10:00:00Z","level":"info","hits":"4"}` + "\n" + `{"_time":"2026-11-20T10:15:00Z","level":"warn","hits":"1"}` + "\n"
)

// same compares a message with its JSON.
func same(t *testing.T, got proto.Message, want string) {
	t.Helper()
	expected := got.ProtoReflect().New().Interface()
	if err := protojson.Unmarshal([]byte(want), expected); err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(got, expected) {
		t.Errorf("got  %v\nwant %v", got, expected)
	}
}

func TestHistogram(t *testing.T) {
	const start, end = "2026-11-20T10:00:00Z", "2026-11-20T10:44:59Z"
	for _, tt := range []struct {
		name string
		in   *logsv1.HistogramRequest
		want string
		ask  string
	}{
		{"plain", &logsv1.HistogramRequest{Query: "a | filter b", Start: start, End: end, Step: "900000"},
			`{"buckets":[{"ts":1795168800000,"count":43},{"ts":1795169700000},{"ts":1795170600000,"count":15}],"stats":{"buckets":3,"sampleN":1,"total":58}}`,
			"hits a | filter b step=15m"},
		{"by field", &logsv1.HistogramRequest{Start: start, End: end, Step: "15m", Field: "level", Limit: 2},
			`{"buckets":[{"ts":1795168800000,"count":5},{"ts":1795169700000,"count":9},{"ts":1795170600000}],"stats":{"buckets":3,"sampleN":1,"total":14},` +
				`"groups":[{"key":"info","counts":[0,9,0],"total":9},{"key":"","counts":[3,0,0],"total":3},{"key":"other","counts":[2,0,0],"total":2}]}`,
			"hits * field=level fields_limit=2 step=15m"},
		{"sampled", &logsv1.HistogramRequest{Start: start, End: end, Step: "15m", Sampling: 10},
			`{"buckets":[{"ts":1795168800000,"count":4},{"ts":1795169700000,"count":1},{"ts":1795170600000}],"stats":{"buckets":3,"sampleN":10,"total":5},"sampled":true}`,
			"query * | sample 10 | stats by (_time:15m) count() as hits"},
		{"changed rows", &logsv1.HistogramRequest{Query: `* | extract "<level> " | limit 5`, Start: start, End: end, Step: "15m", Field: "level", Limit: 1},
			`{"buckets":[{"ts":1795168800000,"count":4},{"ts":1795169700000,"count":1},{"ts":1795170600000}],"stats":{"buckets":3,"sampleN":1,"total":5},` +
				`"groups":[{"key":"info","counts":[4,0,0],"total":4},{"key":"other","counts":[0,1,0],"total":1}]}`,
			`query * | extract "<level> " | stats by (_time:15m, "level") count() as hits`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			answer := hitsPlain
			if tt.in.GetField() != "" {
				answer = hitsField
			}
			s, n := book(t, [2]string{"hits a", answer}, [2]string{"hits *", answer}, [2]string{"stats by", stepped})
			got, err := s.Histogram(caller(t.Context()), tt.in)
			if err != nil {
				t.Fatal(err)
			}
			same(t, got, tt.want)
			if asked := n.last().text("step", "field", "fields_limit"); asked != tt.ask {
				t.Errorf("asked %s", asked)
			}
		})
	}
}

// text of a question with some of its parameters.
func (q question) text(params ...string) string {
	out := q.path + " " + q.query
	for _, name := range q.params {
		for _, wanted := range params {
			if name == wanted {
				out += " " + name + "=" + strings.Join(q.values[name], ",")
			}
		}
	}
	return out
}

func TestHistogramRefusals(t *testing.T) {
	s, n := book(t)
	for name, tt := range map[string]struct {
		in      *logsv1.HistogramRequest
		code    fault.Code
		message string
	}{
		"step":     {&logsv1.HistogramRequest{Step: "often"}, fault.CodeInvalidRequest, "invalid step or range"},
		"too many": {&logsv1.HistogramRequest{Step: "1s"}, fault.CodeInvalidRequest, "invalid step or range"},
		"time":     {&logsv1.HistogramRequest{Start: "x"}, fault.CodeInvalidTime, "bad query params"},
		"query":    {&logsv1.HistogramRequest{Query: `"`}, fault.CodeQueryInvalid, "bad query params"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.Histogram(caller(t.Context()), tt.in)
			fails(t, err, tt.code, tt.message)
		})
	}
	if len(n.questions) > 0 {
		t.Errorf("asked %v", n.questions)
	}
	if got, err := s.Histogram(caller(t.Context()), &logsv1.HistogramRequest{Start: "now-10d"}); err == nil || fault.From(err).Message != "histogram failed" {
		t.Errorf("an answer that is not JSON became %v, %v", got, err)
	}
	if start := n.last().values["start"][0]; start != "2026-11-19T12:00:00Z" {
		t.Errorf("a long window was asked from %s", start)
	}
}

func TestFacets(t *testing.T) {
	totals := `{"total":"96","m0":"10","u0":"5","m1":"96","u1":"0"}` + "\n"
	top := `{"level":"info","_hits":"54"}` + "\n" + `{"level":"error","_hits":"11"}` + "\n" + `{"_hits":"10"}` + "\n"
	s, n := book(t, [2]string{`by ("level")`, top}, [2]string{"top ", `{"_hits":"96"}` + "\n"}, [2]string{"stats count()", totals},
		[2]string{"facets", `{"facets":[{"field_name":"level","values":[{"field_value":"info","hits":54},{"field_value":"error","hits":11}]}]}`})
	got, err := s.Facets(caller(t.Context()), &logsv1.FacetsRequest{Query: "* | limit 3", Fields: []string{"level, none", "level"}, Limit: 2})
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, `{"facets":[{"field":"level","buckets":[{"key":"info","count":54},{"key":"error","count":11}],"other":21,"missing":10,"capped":true},`+
		`{"field":"none","missing":96}],"stats":{"fields":2,"sampleN":1,"total":96}}`)
	want := []string{`query * | stats count() as total, count_empty("level") as m0, count_uniq("level") as u0, count_empty("none") as m1, count_uniq("none") as u1`,
		`query * | top 3 by ("level") hits as _hits`, `query * | top 3 by ("none") hits as _hits`}
	for i, q := range n.questions {
		if q.text() != want[i] {
			t.Errorf("asked %s", q.text())
		}
	}
	got, err = s.Facets(caller(t.Context()), &logsv1.FacetsRequest{Sampling: 3})
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, `{"facets":[{"field":"level","buckets":[{"key":"info","count":54},{"key":"error","count":11}],"other":21,"missing":10}],`+
		`"stats":{"fields":1,"sampleN":3,"total":96},"sampled":true}`)
	_, err = s.Facets(caller(t.Context()), &logsv1.FacetsRequest{Fields: strings.Split(strings.Repeat("abcdefghijklmnopqrstuvwxyz", 3), "")[:51]})
	if err != nil {
		t.Error("fields that are named twice are one")
	}
	_, err = s.Facets(caller(t.Context()), &logsv1.FacetsRequest{Fields: []string{many(51)}})
	fails(t, err, fault.CodeInvalidRequest, "bad query params")
}

func many(n int) string {
	var list []string
	for i := range n {
		list = append(list, "f"+strings.Repeat("x", i))
	}
	return strings.Join(list, ",")
}

func TestLists(t *testing.T) {
	s, n := book(t, [2]string{"streams", `{"values":[{"value":"{a=\"1\"}","hits":2},{"value":"{a=\"2\",b=\"x,y\"}","hits":9},{"value":"{}","hits":1}]}`},
		[2]string{"field_names", `{"values":[{"value":"b","hits":1},{"value":"_msg","hits":9},{"value":"a","hits":5}]}`},
		[2]string{`top 4 by ("level")`, `{"_hits":"9"}` + "\n" + `{"level":"b","_hits":"2"}` + "\n" + `{"level":"a","_hits":"2"}` + "\n" + `{"level":"c","_hits":"1"}` + "\n"})
	streams, err := s.Streams(caller(t.Context()), &logsv1.SelectRequest{Limit: 2})
	if err != nil {
		t.Fatal(err)
	}
	same(t, streams, `{"status":"success","data":{"streams":[{"a":"2","b":"x,y"},{"a":"1"}],"total":2}}`)
	if n.last().values["limit"] != nil {
		t.Error("a limit would cut any streams")
	}
	fields, err := s.Fields(caller(t.Context()), &logsv1.SelectRequest{Query: "x | stats count() n"})
	if err != nil {
		t.Fatal(err)
	}
	same(t, fields, `{"status":"success","data":{"fields":["_msg","a","b"]}}`)
	if n.last().text() != "field_names x" {
		t.Errorf("asked %s", n.last().text())
	}
	values, err := s.FieldValues(caller(t.Context()), &logsv1.FieldValuesRequest{Field: "level", Limit: 2})
	if err != nil {
		t.Fatal(err)
	}
	same(t, values, `{"status":"success","data":{"field":"level","values":[{"key":"a","count":2},{"key":"b","count":2}],"capped":true}}`)
	_, err = s.FieldValues(caller(t.Context()), &logsv1.FieldValuesRequest{})
	fails(t, err, fault.CodeInvalidRequest, "Field name is required")
	_, err = s.Streams(caller(t.Context()), &logsv1.SelectRequest{Query: "("})
	fails(t, err, fault.CodeQueryInvalid, "Invalid LogsQL query: '(' is not closed")
}

func TestFieldsAreNeverNull(t *testing.T) {
	s, _ := book(t, [2]string{"field_names", `{"values":[]}`})
	got, err := s.Fields(caller(t.Context()), &logsv1.SelectRequest{})
	if err != nil || got.GetData().GetFields() == nil {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestTraceIDs(t *testing.T) {
	s, n := book(t,
		[2]string{`filter "trace_id":*`, `{"trace_id":"t1","_rows":"2","_first":"2026-11-20T10:00:00Z","_last":"2026-11-20T10:00:05Z"}` + "\n" +
			`{"trace_id":"t2","_rows":"5","_first":"2026-11-20T10:00:00.5Z","_last":"2026-11-20T10:00:01Z"}` + "\n"},
		[2]string{`filter "traceId":*`, `{"traceId":"t1","_rows":"4","_first":"2026-11-20T09:00:00Z","_last":"2026-11-20T10:00:00Z"}` + "\n"})
	got, err := s.TraceIDs(caller(t.Context()), &logsv1.QueryRequest{Query: "level:error | limit 9", Limit: 2})
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, `{"status":"success","data":{"traces":[`+
		`{"traceId":"t1","rows":6,"first_seen":"2026-11-20T09:00:00Z","last_seen":"2026-11-20T10:00:05Z","link":"/api/v1/traces/t1"},`+
		`{"traceId":"t2","rows":5,"first_seen":"2026-11-20T10:00:00.5Z","last_seen":"2026-11-20T10:00:01Z","link":"/api/v1/traces/t2"}]}}`)
	if len(n.questions) != 4 || !strings.HasPrefix(n.questions[0].query, `level:error | filter "trace_id":* | stats by ("trace_id")`) {
		t.Errorf("asked %v", n.questions)
	}
}

func TestRelatedRows(t *testing.T) {
	s, n := book(t, [2]string{"query", rowB + "\n" + rowA + "\n"})
	out := to(t)
	if err := s.TraceLogs(&logsv1.TraceLogsRequest{TraceId: "0aF"}, out); err != nil {
		t.Fatal(err)
	}
	m := out.json(t)
	data := m["data"].(map[string]any)
	first := data["rows"].([]any)[0].(map[string]any)
	if m["status"] != "success" || first["_msg"] != "first, =1" || m["links"].(map[string]any)["trace"] != "/api/v1/traces/0aF" ||
		!reflect.DeepEqual(data["fields"], []any{"_msg", "_stream", "_stream_id", "_time", "code", "level"}) || m["metadata"].(map[string]any)["logCount"] != 2.0 {
		t.Errorf("got %v", m)
	}
	if q := n.last(); !strings.HasPrefix(q.query, `(*) AND ("trace_id":="0AF" OR "trace_id":="0aF" OR "trace_id":="0af" OR "traceId":=`) || q.values["limit"][0] != "1000" {
		t.Errorf("asked %v", q)
	}
	out = to(t)
	if err := s.ServiceLogs(&logsv1.ServiceLogsRequest{Service: `a") OR "b`, Query: "x OR y # z", Limit: 5}, out); err != nil {
		t.Fatal(err)
	}
	m = out.json(t)
	if first := m["data"].(map[string]any)["rows"].([]any)[0].(map[string]any); first["_msg"] != "second" {
		t.Errorf("got %v", m)
	}
	if got := n.last().query; got != `(x OR y    ) AND ("service":="a\") OR \"b" OR "service.name":="a\") OR \"b" OR "component":="a\") OR \"b")` {
		t.Errorf("asked %s", got)
	}
	fails(t, s.TraceLogs(&logsv1.TraceLogsRequest{TraceId: "xyz"}, to(t)), fault.CodeInvalidRequest, "Invalid trace id")
	fails(t, s.ServiceLogs(&logsv1.ServiceLogsRequest{}, to(t)), fault.CodeInvalidRequest, "Service name is required")
	fails(t, s.ServiceLogs(&logsv1.ServiceLogsRequest{Service: "a", Query: "* | limit 1"}, to(t)), fault.CodeQueryInvalid,
		"Invalid LogsQL query: the pipe limit is not possible here")
}

func TestContext(t *testing.T) {
	store := &shelf{}
	at := noon.Add(-3 * time.Hour)
	for i, content := range []string{"far", "b2", "b1", "row", "twin", "a1", "a2"} {
		store.add(at.Add([]time.Duration{-9000e9, -2e9, -1, 0, 0, 1, 5e9}[i]), content)
	}
	s := onBackend(t, store.handler)
	in := &logsv1.ContextRequest{StreamId: "AA", Time: at.Format("2006-01-02T15:04:05.999999999Z07:00"), Before: 3, After: 2}
	out := to(t)
	if err := s.Context(in, out); err != nil {
		t.Fatal(err)
	}
	var got []string
	data := out.json(t)["data"].(map[string]any)
	for _, row := range data["rows"].([]any) {
		got = append(got, row.(map[string]any)["_msg"].(string))
	}
	if text := strings.Join(got, " "); text != "far b2 b1 row twin a1 a2" && text != "far b2 b1 twin row a1 a2" {
		t.Errorf("got %s", text)
	}
	if !reflect.DeepEqual(data["row"], map[string]any{"index": 3.0, "count": 2.0}) {
		t.Errorf("got %v", data["row"])
	}
	in.Time = "2026-11-20T01:00:00Z"
	fails(t, s.Context(in, to(t)), fault.CodeNotFound, "Log row not found")
	in.Time = "soon"
	fails(t, s.Context(in, to(t)), fault.CodeInvalidTime, "Invalid context request")
	fails(t, s.Context(&logsv1.ContextRequest{StreamId: `a" OR b`, Time: "now"}, to(t)), fault.CodeInvalidRequest, "Invalid context request")
}

// TestEveryQuestionIsHeldToItsCaller: tenant and scope of the identity are on
// each request, and no other filter is.
func TestEveryQuestionIsHeldToItsCaller(t *testing.T) {
	allowed := map[string]bool{"query": true, "start": true, "end": true, "limit": true, "step": true, "field": true, "fields_limit": true,
		"keep_const_fields": true, "extra_stream_filters": true}
	evil := `a"&extra_filters=b&AccountID=1`
	quoted := `"a&extra_stream_filters={}" OR x`
	for _, who := range []struct {
		tenant, scope, filter string
		account, project      uint32
	}{{"3:4", "", "", 3, 4}, {"5:0", `env="prod"`, `{env="prod"}`, 5, 0}} {
		s, n := book(t, [2]string{"query ", rowA + "\n"}, [2]string{"hits", hitsPlain}, [2]string{"facets", `{"facets":[]}`},
			[2]string{"field_names", `{"values":[]}`}, [2]string{"streams", `{"values":[]}`})
		ctx := as(t.Context(), who.account, who.project, who.scope)
		stream := func() *bodies { return &bodies{ctx: ctx} }
		for name, call := range map[string]func() error{
			"query":  func() error { return s.Query(&logsv1.QueryRequest{Query: quoted}, stream()) },
			"csv":    func() error { return s.Query(&logsv1.QueryRequest{Query: quoted, Format: "csv"}, stream()) },
			"search": func() error { return s.Search(&logsv1.SearchRequest{Query: quoted}, stream()) },
			"histogram": func() error {
				return unary(s.Histogram(ctx, &logsv1.HistogramRequest{Query: quoted, Field: evil}))
			},
			"facets":       func() error { return unary(s.Facets(ctx, &logsv1.FacetsRequest{Query: quoted})) },
			"named facets": func() error { return unary(s.Facets(ctx, &logsv1.FacetsRequest{Fields: []string{evil}})) },
			"streams":      func() error { return unary(s.Streams(ctx, &logsv1.SelectRequest{Query: quoted})) },
			"fields":       func() error { return unary(s.Fields(ctx, &logsv1.SelectRequest{Query: quoted})) },
			"values":       func() error { return unary(s.FieldValues(ctx, &logsv1.FieldValuesRequest{Field: evil})) },
			"trace ids":    func() error { return unary(s.TraceIDs(ctx, &logsv1.QueryRequest{Query: quoted})) },
			"trace logs":   func() error { return s.TraceLogs(&logsv1.TraceLogsRequest{TraceId: "ab"}, stream()) },
			"service logs": func() error { return s.ServiceLogs(&logsv1.ServiceLogsRequest{Service: evil, Query: quoted}, stream()) },
			"context":      func() error { return s.Context(&logsv1.ContextRequest{StreamId: "ab", Time: "now"}, stream()) },
		} {
			n.questions = nil
			if err := call(); err != nil || len(n.questions) == 0 {
				t.Errorf("%s: %v after %d questions", name, err, len(n.questions))
			}
			for _, q := range n.questions {
				if q.tenant != who.tenant || q.filter != who.filter || len(q.values["extra_stream_filters"]) > 1 {
					t.Errorf("%s asked as %s with %q", name, q.tenant, q.filter)
				}
				for _, p := range q.params {
					if !allowed[p] {
						t.Errorf("%s sent %s", name, p)
					}
				}
			}
		}
	}
}

func unary(_ proto.Message, err error) error { return err }

func TestNobodyReadsWithoutIdentity(t *testing.T) {
	s, n := book(t)
	out := &bodies{ctx: context.Background()}
	for name, err := range map[string]error{
		"query":     s.Query(&logsv1.QueryRequest{Query: "*"}, out),
		"search":    s.Search(&logsv1.SearchRequest{}, out),
		"context":   s.Context(&logsv1.ContextRequest{}, out),
		"histogram": unary(s.Histogram(t.Context(), &logsv1.HistogramRequest{})),
	} {
		if f := fault.From(err); f == nil || f.Code != fault.CodeTenantRequired {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if len(n.questions) > 0 {
		t.Error("asked")
	}
}

func TestStreamContextUnderAScope(t *testing.T) {
	s, n := book(t)
	q := "a | stream_context before 5"
	err := s.Query(&logsv1.QueryRequest{Query: q}, &bodies{ctx: as(t.Context(), 1, 0, `env="p"`)})
	fails(t, err, fault.CodeQueryInvalid, "Invalid LogsQL query: stream_context is not available to your role")
	if err := s.Query(&logsv1.QueryRequest{Query: q}, to(t)); err != nil || len(n.questions) != 1 {
		t.Errorf("got %v after %d questions", err, len(n.questions))
	}
}
