package logs

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

const many = 2_000_000

// filled is a server with many rows over a day, a thousand at a time.
func filled(b *testing.B) *Server {
	b.Helper()
	s := New(Options{Now: func() time.Time { return recorded }})
	var streams []*store.Stream
	for i := range 24 {
		streams = append(streams, store.NewStream([]store.Field{{Name: "service", Value: fmt.Sprint("svc-", i%12)}, {Name: "instance", Value: fmt.Sprint("i-", i)}}))
	}
	start := recorded.Add(-24 * time.Hour).UnixNano()
	for i := 0; i < many; i += 1000 {
		rows := make([]store.Row, 1000)
		for j := range rows {
			n := i + j
			st := streams[n%len(streams)]
			rows[j] = store.Row{Time: start + int64(n)*int64(24*time.Hour)/many, Stream: st, Fields: []store.Field{
				{Name: "_msg", Value: fmt.Sprintf("GET /api/cart/%d answered 200 in %d ms", n, n%997)}, st.Labels[0], st.Labels[1],
				{Name: "level", Value: []string{"info", "info", "info", "warn", "error"}[n%5]}, {Name: "method", Value: "GET"}, {Name: "status", Value: "200"},
				{Name: "trace_id", Value: fmt.Sprintf("%032x", n*7919)}, {Name: "span_id", Value: fmt.Sprintf("%016x", n*31)}, {Name: "duration_ms", Value: fmt.Sprint(n % 997)},
			}}
		}
		s.Store().Add(store.Tenant{}, rows)
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.Logf("%d bytes a row", m.HeapAlloc/many)
	return s
}

func get(b *testing.B, s http.Handler, path string, args ...string) {
	b.Helper()
	q := url.Values{}
	for i := 0; i < len(args); i += 2 {
		q.Add(args[i], args[i+1])
	}
	w := httptest.NewRecorder()
	w.Body = nil
	s.ServeHTTP(discarding{w}, httptest.NewRequest(http.MethodGet, path+"?"+q.Encode(), nil))
	if w.Code != http.StatusOK {
		b.Fatalf("status %d", w.Code)
	}
}

type discarding struct{ *httptest.ResponseRecorder }

// Write counts and forgets.
func (discarding) Write(p []byte) (int, error) { return io.Discard.Write(p) }

// BenchmarkRoutes asks two million rows what services ask.
func BenchmarkRoutes(b *testing.B) {
	s := filled(b)
	middle := fmt.Sprint(recorded.Add(-12 * time.Hour).UnixNano())
	for name, call := range map[string][]string{
		"page":       {"/select/logsql/query", "query", "*", "end", middle, "limit", "1001"},
		"sorted":     {"/select/logsql/query", "query", "* | sort by (_time desc) | limit 1001", "end", middle},
		"rare":       {"/select/logsql/query", "query", `trace_id:="00000000000000000000000000001eef"`},
		"all":        {"/select/logsql/query", "query", "*"},
		"hits":       {"/select/logsql/hits", "query", "*", "step", "1h", "field", "level"},
		"stats":      {"/select/logsql/stats_query_range", "query", "* | stats by (service) count() n, quantile(0.95, duration_ms) p95", "step", "1h"},
		"facets":     {"/select/logsql/facets", "query", "*"},
		"names":      {"/select/logsql/field_names", "query", "*"},
		"one stream": {"/select/logsql/query", "query", `{service="svc-3"} error | count()`},
	} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				get(b, s, call[0], call[1:]...)
			}
		})
	}
}
