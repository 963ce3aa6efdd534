package server

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
)

const (
	rowA = `{"_time":"2026-11-20T10:00:00Z","_stream_id":"aa","_stream":"{service=\"edge\"}","_msg":"first, =1","level":"info"}`
	rowB = `{"_time":"2026-11-20T10:00:01Z","_stream_id":"aa","_msg":"second","code":"7","_stream_id":"forged"}`
	rows = rowA + "\n" + rowB + "\n"
)

func TestQuery(t *testing.T) {
	s, n := book(t, [2]string{"query", rows})
	out := to(t)
	in := &logsv1.QueryRequest{Query: `level:info # all`, Start: "1795168800000", End: "2026-11-20T11:00:00.5Z", Limit: 5, Extra: map[string]string{"a": "b"}}
	if err := s.Query(in, out); err != nil {
		t.Fatal(err)
	}
	want := `{"status":"success","data":{"logs":[` + rowA + `,{"_time":"2026-11-20T10:00:01Z","_stream_id":"aa","_msg":"second","code":"7"}],` +
		`"fields":["_msg","_stream","_stream_id","_time","code","level"],` +
		`"stats":{"count":2,"bytes_read":` + strconv.Itoa(len(rows)) + `,"took_ms":0,"endpoint":"victorialogs","compressed":false,"streaming":false}},` +
		`"metadata":{"executionTime":0,"logCount":2,"fieldsFound":6,"limit":5}}`
	if out.body.String() != want || out.contentType != "application/json" {
		t.Errorf("got  %s\nwant %s", out.body.String(), want)
	}
	if only(out.header, rpc.KeyLength) != strconv.Itoa(len(want)) || !strings.Contains(only(out.header, rpc.KeyWarning), "extra") || only(out.trailer, rpc.KeyRows) != "2" {
		t.Errorf("got %v, %v", out.header, out.trailer)
	}
	q := n.last()
	if q.path != "query" || q.query != "level:info" || q.tenant != "7:0" || strings.Join(q.params, " ") != "end limit query start" ||
		q.values["start"][0] != "2026-11-20T10:00:00Z" || q.values["end"][0] != "2026-11-20T11:00:00.5Z" || q.values["limit"][0] != "5" {
		t.Errorf("asked %+v", q)
	}
}

func TestQueryFormats(t *testing.T) {
	for _, tt := range []struct{ format, kind, body string }{
		{"ndjson", "application/x-ndjson", rowA + "\n" + `{"_time":"2026-11-20T10:00:01Z","_stream_id":"aa","_msg":"second","code":"7"}` + "\n"},
		{"csv", "text/csv; charset=utf-8", "_msg,_time,level\r\n\"first, =1\",2026-11-20T10:00:00Z,info\r\nsecond,2026-11-20T10:00:01Z,\r\n"},
	} {
		s, n := book(t, [2]string{"field_names", `{"name":"level","hits":"1"}` + "\n" + `{"name":"_time","hits":"2"}` + "\n" + `{"name":"_msg","hits":"2"}` + "\n"}, [2]string{"query", rows})
		out := to(t)
		if err := s.Query(&logsv1.QueryRequest{Query: "*", Format: tt.format}, out); err != nil {
			t.Fatal(err)
		}
		if out.body.String() != tt.body || out.contentType != tt.kind || n.last().values["limit"][0] != "100000" {
			t.Errorf("got %s %q", out.contentType, out.body.String())
		}
	}
}

func TestQueryRefusals(t *testing.T) {
	s, n := book(t, [2]string{"broken", "400 cannot parse query [$]: missing filter after 'or'; context: [broken or]"})
	for _, tt := range []struct {
		name    string
		in      *logsv1.QueryRequest
		code    fault.Code
		message string
		field   string
	}{
		{"nothing", &logsv1.QueryRequest{}, fault.CodeInvalidRequest, "Invalid LogsQL request format", "/query"},
		{"time", &logsv1.QueryRequest{Query: "*", Start: "soon"}, fault.CodeInvalidTime, "Invalid LogsQL request format", "/start"},
		{"backwards", &logsv1.QueryRequest{Query: "*", Start: "now", End: "now-1h"}, fault.CodeInvalidTime, "Invalid LogsQL request format", "/start"},
		{"range", &logsv1.QueryRequest{Query: "*", Start: "now-400d"}, fault.CodeQueryTooExpensive, "Invalid LogsQL request format", "/start"},
		{"timeout", &logsv1.QueryRequest{Query: "*", Timeout: "x"}, fault.CodeInvalidTime, "Invalid LogsQL request format", "/timeout"},
		{"format", &logsv1.QueryRequest{Query: "*", Format: "xml"}, fault.CodeInvalidRequest, "Invalid LogsQL request format", "/format"},
		{"limit", &logsv1.QueryRequest{Query: "*", Limit: 100_001}, fault.CodeQueryTooExpensive, "LogsQL query execution failed", "/limit"},
		{"negative limit", &logsv1.QueryRequest{Query: "*", Limit: -1}, fault.CodeInvalidRequest, "Invalid LogsQL request format", "/limit"},
		{"long", &logsv1.QueryRequest{Query: strings.Repeat("x", 16<<10+1)}, fault.CodeQueryTooLong, "Invalid LogsQL query: the query has 16385 bytes, the limit is 16384", "/query"},
		{"guard", &logsv1.QueryRequest{Query: "a | nosuch"}, fault.CodeQueryInvalid, `Invalid LogsQL query: unexpected pipe "nosuch"`, "/query"},
		{"back end", &logsv1.QueryRequest{Query: "broken or"}, fault.CodeQueryInvalid, "Invalid LogsQL query: missing filter after 'or'", "/query"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := len(n.questions)
			f := fails(t, s.Query(tt.in, to(t)), tt.code, tt.message)
			if len(f.Fields) == 0 || f.Fields[0].Pointer != tt.field {
				t.Errorf("got fields %v", f.Fields)
			}
			if p, ok := f.Extra["position"].(map[string]any); ok != (tt.code == fault.CodeQueryInvalid) || ok && p["column"].(float64) < 5 {
				t.Errorf("got position %v", f.Extra)
			}
			if asked := len(n.questions) - before; asked > 0 && tt.name != "back end" {
				t.Errorf("asked %d times", asked)
			}
		})
	}
}

// TestFirstRowLeavesBeforeTheLastIsRead: the back end waits for the client.
func TestFirstRowLeavesBeforeTheLastIsRead(t *testing.T) {
	for _, format := range []string{"json", "ndjson"} {
		out := to(t)
		out.sent = make(chan int, 10)
		s := onBackend(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/stream+json")
			_, _ = io.WriteString(w, rowA+"\n")
			w.(http.Flusher).Flush()
			<-out.sent
			_, _ = io.WriteString(w, rowB+"\n")
		})
		if err := s.Query(&logsv1.QueryRequest{Query: "*", Format: format}, out); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.body.String(), "second") || only(out.header, rpc.KeyLength) != "" {
			t.Errorf("got %s", out.body.String())
		}
	}
}

// TestBrokenAnswers become a status while nothing was sent, and cut the body
// afterwards.
func TestBrokenAnswers(t *testing.T) {
	for name, size := range map[string]int{"small": 1, "large": 10_000} {
		s := onBackend(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/stream+json")
			_, _ = io.WriteString(w, strings.Repeat(rowA+"\n", size)+`{"_msg":"cut`)
		})
		out := to(t)
		fails(t, s.Query(&logsv1.QueryRequest{Query: "*", Format: "ndjson"}, out), fault.CodeBackendFailed, "LogsQL query execution failed")
		if sent := out.body.Len() > 0; sent != (size > 1) || out.trailer != nil {
			t.Errorf("%s: sent %d bytes, trailer %v", name, out.body.Len(), out.trailer)
		}
	}
}

func TestBusyTenant(t *testing.T) {
	inside, leave := make(chan bool), make(chan bool)
	s := onBackend(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/stream+json")
		if r.Header.Get("AccountID") == "7" {
			inside <- true
			<-leave
		}
	})
	s.Limits.Concurrent = 1
	done := make(chan error)
	go func() { done <- s.Query(&logsv1.QueryRequest{Query: "*"}, to(t)) }()
	<-inside
	fails(t, s.Query(&logsv1.QueryRequest{Query: "*"}, to(t)), fault.CodeBusy, "LogsQL query execution failed")
	if err := s.Query(&logsv1.QueryRequest{Query: "*"}, &bodies{ctx: as(t.Context(), 8, 0, "")}); err != nil {
		t.Errorf("another tenant waits: %v", err)
	}
	close(leave)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestTimeoutOfTheCaller(t *testing.T) {
	s := onBackend(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	fails(t, s.Query(&logsv1.QueryRequest{Query: "*", Timeout: "50ms"}, to(t)), fault.CodeTimeout, "LogsQL query execution failed")
}

func TestQueriesAreObserved(t *testing.T) {
	s, _ := book(t)
	var seen []string
	s.Observe = func(kind, tenant string, _ time.Duration) { seen = append(seen, kind+" "+tenant) }
	if err := s.Query(&logsv1.QueryRequest{Query: "*"}, to(t)); err != nil || len(seen) != 1 || seen[0] != "logsql shop" {
		t.Errorf("got %v, %v", seen, err)
	}
}
