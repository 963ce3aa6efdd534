package traces

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// TestAddedIsFound: what Add has taken is found by search and by id while
// others add.
func TestAddedIsFound(t *testing.T) {
	s := New(Options{Now: recorded})
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			service := fmt.Sprintf("s%d", w)
			for i := range 50 {
				m := made{trace: w<<16 + i, span: 1, service: service, name: "x", after: time.Duration(i) * time.Second}
				s.Add(store.Tenant{}, resourceSpans(m))
				newest := get(t, s, "/select/jaeger/api/traces?limit=1&service="+service)
				byID := get(t, s, "/select/jaeger/api/traces/"+m.traceID())
				if len(newest.Data) != 1 || newest.Data[0].TraceID != m.traceID() || len(byID.Data) != 1 {
					t.Errorf("trace %s: search %v, by id %v", m.traceID(), newest, byID)
				}
			}
		})
	}
	writers.Wait()
}
