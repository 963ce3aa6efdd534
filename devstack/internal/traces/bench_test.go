package traces

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// filled holds 300,000 spans in traces of 12 over an hour, and one trace of
// 100,000 more.
func filled(b *testing.B) *Server {
	b.Helper()
	s := New(Options{Now: recorded})
	var part []made
	for i := range 400_000 {
		m := made{trace: i / 12, span: i, service: fmt.Sprintf("s%d", i%12), name: "GET /cart", tag: fmt.Sprint(i % 1000), after: time.Duration(i) * 8 * time.Millisecond, duration: time.Millisecond}
		if i >= 300_000 {
			m.trace = 1 << 40
		}
		if part = append(part, m); len(part) == 5000 {
			s.Add(store.Tenant{}, resourceSpans(part...))
			part = part[:0]
		}
	}
	return s
}

// BenchmarkAnswers shows what the questions of a laptop cost.
func BenchmarkAnswers(b *testing.B) {
	s := filled(b)
	for name, target := range map[string]string{
		"services": "services", "search": "traces?service=s3&limit=20", "rare tag": `traces?service=s3&limit=20&tags={"k":"999"}`,
		"nothing": `traces?service=s3&tags={"k":"none"}`, "trace of 12": "traces/00000000000000000000000000000100", "trace of 100000": "traces/00000000000000000000010000000000",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				w := discard{header: http.Header{}}
				s.ServeHTTP(&w, httptest.NewRequest(http.MethodGet, "/select/jaeger/api/"+target, nil))
				b.ReportMetric(float64(w.n), "bytes")
			}
		})
	}
}

type discard struct {
	header http.Header
	n      int
}

func (d *discard) Header() http.Header { return d.header }

func (d *discard) WriteHeader(int) {}

func (d *discard) Write(p []byte) (int, error) {
	d.n += len(p)
	return io.Discard.Write(p)
}
