package message_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/platformbuilds/mirador-core/gateway/internal/edge/jsonbody"
	"github.com/platformbuilds/mirador-core/gateway/internal/edge/param"
	"github.com/platformbuilds/mirador-core/gateway/internal/route"
	"github.com/platformbuilds/mirador-core/gateway/internal/transcode/message"
	"github.com/platformbuilds/mirador-core/libs/fault"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const logs = "/mirador.logs.v1.LogsService/"

func set(t testing.TB, raw string) param.Set {
	t.Helper()
	s, err := param.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func members(t testing.TB, body string) map[string]json.RawMessage {
	t.Helper()
	m, err := jsonbody.Object([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestBuild(t *testing.T) {
	tests := []struct {
		name, rpc string
		source    message.Source
		want      proto.Message
		unknown   []string
	}{
		{"query string", "Search", message.Source{Query: set(t, "query=a+b&start=1795168800000&limit=5&page_after.ts=7&page_after.offset=2")},
			&logsv1.SearchRequest{Query: "a b", Start: "1795168800000", Limit: 5, PageAfter: &logsv1.PageAfter{Ts: 7, Offset: 2}}, nil},
		{"json", "Search", message.Source{Members: members(t, `{"query":"a b","start":1795168800000,"limit":5,"page_after":{"ts":7,"offset":2}}`)},
			&logsv1.SearchRequest{Query: "a b", Start: "1795168800000", Limit: 5, PageAfter: &logsv1.PageAfter{Ts: 7, Offset: 2}}, nil},
		{"numbers as texts", "Search", message.Source{Members: members(t, `{"limit":"5","page_after":{"ts":"7"}}`)},
			&logsv1.SearchRequest{Limit: 5, PageAfter: &logsv1.PageAfter{Ts: 7}}, nil},
		{"exponents", "Query", message.Source{Members: members(t, `{"start":1.7951688e+12,"end":1e300}`)},
			&logsv1.QueryRequest{Start: "1795168800000", End: "1e300"}, nil},
		{"null and empty", "Search", message.Source{Members: members(t, `{"query":null,"page_after":null}`), Query: set(t, "limit=")},
			&logsv1.SearchRequest{}, nil},
		{"map", "Query", message.Source{Members: members(t, `{"extra":{"a[b].c":"x","n":1}}`), Query: set(t, "extra[q]=y")},
			&logsv1.QueryRequest{Extra: map[string]string{"a[b].c": "x", "n": "1", "q": "y"}}, nil},
		{"lists", "Facets", message.Source{Members: members(t, `{"fields":["a","b,c"]}`), Query: set(t, "fields=d&fields[]=e")},
			&logsv1.FacetsRequest{Fields: []string{"d", "e", "a", "b,c"}}, nil},
		{"one value for a list", "Facets", message.Source{Members: members(t, `{"fields":"a,b"}`)},
			&logsv1.FacetsRequest{Fields: []string{"a,b"}}, nil},
		{"path", "TraceLogs", message.Source{Path: []route.Param{{Name: "trace_id", Value: "ab"}}, Query: set(t, "limit=1")},
			&logsv1.TraceLogsRequest{TraceId: "ab", Limit: 1}, nil},
		{"both spellings agree", "TraceLogs", message.Source{Path: []route.Param{{Name: "trace_id", Value: "ab"}}, Query: set(t, "traceId=ab")},
			&logsv1.TraceLogsRequest{TraceId: "ab"}, nil},
		{"form and query agree", "Query", message.Source{Query: set(t, "query=a"), Form: set(t, "query=a&limit=2")},
			&logsv1.QueryRequest{Query: "a", Limit: 2}, nil},
		{"unknown", "Search", message.Source{Query: set(t, "colour=red&tenantId=demo&nocache=1&timeout=1s&query.x=1&page_after=1"),
			Members: members(t, `{"size":1,"page_after":{"x":{"y":[]}}}`)},
			&logsv1.SearchRequest{Timeout: "1s"}, []string{"colour", "query.x", "page_after", "page_after.x", "size"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, unknown, err := message.Build(logs+tt.rpc, tt.source)
			if err != nil || !proto.Equal(got, tt.want) || !slices.Equal(unknown, tt.unknown) {
				t.Errorf("%v, unknown %q, %v", got, unknown, err)
			}
		})
	}
}

func TestBuildNamesEveryFault(t *testing.T) {
	tests := []struct {
		rpc, query, body, want string
	}{
		{"Search", "limit=many", `{}`, "limit must be a whole number within its range"},
		{"Search", "limit=99999999999", `{}`, "limit must be a whole number within its range"},
		{"Search", "", `{"limit":1.5}`, "/limit must be a whole number within its range"},
		{"Search", "", `{"limit":true}`, "/limit must be a whole number within its range"},
		{"Search", "", `{"page_after":{"ts":"x"}}`, "/page_after/ts must be a number"},
		{"Search", "", `{"page_after":3}`, "/page_after must be an object"},
		{"Search", "", `{"query":{"a":1}}`, "/query must be a text, a number or a truth value"},
		{"Query", "", `{"extra":{"a/b":["x"]}}`, "/extra/a~1b must be a text, a number or a truth value"},
		{"Facets", "", `{"fields":["a",["b"]]}`, "/fields/1 must be a text, a number or a truth value"},
		{"Query", "query=a", `{"query":"b"}`, "/query is given more than once"},
		{"Query", "query=a&query=b", `{}`, "query is given more than once"},
		{"Search", "limit=x&page_after.ts=y", `{}`, "limit must be a whole number within its range; page_after.ts must be a number"},
	}
	for _, tt := range tests {
		_, _, err := message.Build(logs+tt.rpc, message.Source{Query: set(t, tt.query), Members: members(t, tt.body)})
		f := fault.From(err)
		var got []string
		for _, field := range f.Fields {
			got = append(got, field.Pointer+" "+field.Detail)
		}
		if f.Code != fault.CodeInvalidRequest || strings.Join(got, "; ") != tt.want {
			t.Errorf("?%s %s: %v\nwant %s", tt.query, tt.body, got, tt.want)
		}
	}
}

func TestUnknownRPC(t *testing.T) {
	for _, rpc := range []string{"/no.Such/Method", "/mirador.logs.v1/LogsService", ""} {
		if m, _, err := message.Build(rpc, message.Source{}); m != nil || err == nil {
			t.Errorf("%q: %v, %v", rpc, m, err)
		}
	}
}

func TestRaw(t *testing.T) {
	m, err := message.Raw(logs+"Store", []byte("{}\n{}"), "application/x-ndjson")
	if want := (&logsv1.StoreRequest{Body: []byte("{}\n{}"), ContentType: "application/x-ndjson"}); err != nil || !proto.Equal(m, want) {
		t.Errorf("%v, %v", m, err)
	}
	if _, err := message.Raw(logs+"Query", nil, ""); err == nil {
		t.Error("a message without a body took one")
	}
}

// A JSON body and a query string that say the same must make the same message.
func TestJSONAndQueryMeanTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := &logsv1.SearchRequest{Query: rapid.String().Draw(t, "query"), Start: rapid.StringMatching(`[0-9]{1,19}`).Draw(t, "start"),
			Limit: rapid.Int32().Draw(t, "limit"), PageAfter: &logsv1.PageAfter{Ts: rapid.Float64Range(-1e15, 1e15).Draw(t, "ts"), Offset: 1}}
		body, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]json.RawMessage
		if err := json.Unmarshal(body, &m); err != nil {
			t.Fatal(err)
		}
		var after map[string]json.Number
		if err := json.Unmarshal(m["page_after"], &after); err != nil {
			t.Fatal(err)
		}
		values := url.Values{"query": {want.GetQuery()}, "start": {want.GetStart()}, "limit": {string(m["limit"])}}
		for name, n := range after {
			values.Set("page_after."+name, n.String())
		}
		query, err := param.Parse(values.Encode())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []message.Source{{Members: m}, {Query: query}, {Form: query, Members: m}} {
			if got, unknown, err := message.Build(logs+"Search", s); err != nil || len(unknown) > 0 || !proto.Equal(got, want) {
				t.Fatalf("%v %q %v, want %v", got, unknown, err, want)
			}
		}
	})
}

// Whatever a body holds, it becomes a message, or a fault that names a place.
func FuzzBuild(f *testing.F) {
	for _, body := range []string{`{"query":"a","limit":1}`, `{"page_after":{"ts":1}}`, `{"extra":{"a":"b"}}`, `{"extra":[{}]}`, `{"limit":1e99}`} {
		f.Add(body, "a=b&extra[x]=y&page_after.ts=1")
	}
	f.Fuzz(func(t *testing.T, body, raw string) {
		m, err := jsonbody.Object([]byte(body))
		if err != nil {
			return
		}
		query, err := param.Parse(raw)
		if err != nil {
			return
		}
		for _, rpc := range []string{"Query", "Search", "Facets"} {
			got, _, err := message.Build(logs+rpc, message.Source{Query: query, Members: m})
			if err != nil && len(fault.From(err).Fields) == 0 {
				t.Errorf("%s: a fault without a place: %v", body, err)
			}
			if got == nil {
				t.Errorf("%s: no message", body)
			}
		}
	})
}
