package traces

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"testing"
	"time"

	collectorv1 "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
	"github.com/platformbuilds/mirador-core/devstack/internal/transcript"
)

// TestLargeTrace: 100,000 spans among others come back whole.
func TestLargeTrace(t *testing.T) {
	const n = 100_000
	s := New(Options{Now: recorded})
	var part []made
	for i := range n + 5000 {
		m := made{trace: 1, span: i + 1, service: "s" + strconv.Itoa(i%12), name: "op", after: time.Duration(i%3600) * time.Second}
		if i >= n {
			m.trace = i
		}
		if part = append(part, m); len(part) == 5000 {
			s.Add(store.Tenant{}, resourceSpans(part...))
			part = nil
		}
	}
	f := get(t, s, "/select/jaeger/api/traces/00000000000000000000000000000001")
	if len(f.Data) != 1 || len(f.Data[0].Spans) != n || len(f.Data[0].Processes) != 12 {
		t.Fatalf("%d traces", len(f.Data))
	}
	seen := map[string]bool{}
	for _, span := range f.Data[0].Spans {
		seen[span.SpanID] = true
	}
	if len(seen) != n {
		t.Errorf("%d different spans", len(seen))
	}
}

// TestTimePasses: spans show after the delay and are gone after the retention.
func TestTimePasses(t *testing.T) {
	now := recorded()
	s := New(Options{Now: func() time.Time { return now }, Retention: 2 * time.Hour, Visible: time.Second})
	s.Add(store.Tenant{}, resourceSpans(made{trace: 7, span: 1, service: "a", name: "x"}))
	traces := func() int {
		return len(get(t, s, "/select/jaeger/api/traces?service=a").Data) + len(get(t, s, "/select/jaeger/api/traces/00000000000000000000000000000007").Data)
	}
	if n := traces(); n != 0 {
		t.Errorf("%d traces before the delay", n)
	}
	now = now.Add(time.Second)
	if n := traces(); n != 2 {
		t.Errorf("%d traces after the delay", n)
	}
	now = now.Add(time.Hour)
	if n := traces(); n != 0 {
		t.Errorf("%d traces after the retention", n)
	}
	if n := getTotal(t, s, "/select/jaeger/api/services"); n != 0 {
		t.Errorf("%d services after the retention", n)
	}
}

func TestCloseEndsTails(t *testing.T) {
	s := New(Options{})
	web := httptest.NewServer(s)
	defer web.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, web.URL+"/select/logsql/tail?query=*", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := web.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		t.Error(err)
	}
}

func TestPrune(t *testing.T) {
	tests := []struct {
		name          string
		oldest        int64
		limit, remain int
	}{
		{"nothing", 0, 100, 100}, {"by age", 40, 100, 60}, {"by number", 0, 50, 45}, {"by both", 90, 50, 10},
	}
	for _, tt := range tests {
		m := map[int]int64{}
		for i := range 100 {
			m[i] = int64(i)
		}
		prune(m, func(at int64) int64 { return at }, tt.oldest, tt.limit)
		if len(m) != tt.remain || m[99] != 99 {
			t.Errorf("%s: %d remain, want %d", tt.name, len(m), tt.remain)
		}
	}
}

// FuzzSpans: whatever OpenTelemetry can say is stored and comes back as JSON
// with as many spans.
func FuzzSpans(f *testing.F) {
	for _, name := range []string{"traces-0-0.pb", "traces-0-0-worker.pb", "traces-2-3.pb"} {
		f.Add(transcript.Seed(f, name))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s := New(Options{Now: recorded})
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/insert/opentelemetry/v1/traces", bytes.NewReader(body)))
		var req collectorv1.ExportTraceServiceRequest
		if good := proto.Unmarshal(body, &req) == nil; good && len(body) > 0 && w.Code != 200 && body[0]&7 < 3 {
			t.Fatalf("refused with %d %s", w.Code, w.Body)
		}
		shown := map[string]int{}
		s.store.Scan(store.Tenant{}, store.All(), func(r *store.Row) bool {
			shown[fields(r.Fields).get(traceField)]++
			return true
		})
		got := map[string]int{}
		for id := range shown {
			out := s.load(store.Tenant{}, id)
			var trace struct{ Spans []json.RawMessage }
			if err := json.Unmarshal(out.render(nil, func(b []byte) []byte { return b }), &trace); err != nil {
				t.Fatal(err)
			}
			got[id] = len(trace.Spans)
		}
		if !reflect.DeepEqual(got, shown) {
			t.Fatalf("traces %v, rows %v", got, shown)
		}
	})
}
