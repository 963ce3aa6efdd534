package reading

import (
	"sync"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// busyWait is what a caller over the limit is told to wait: most queries end
// within it.
const busyWait = time.Second

// gate bounds the queries that each tenant runs at one time. It holds nothing
// for tenants that run none.
type gate struct {
	limit   int
	mu      sync.Mutex
	running map[string]int
}

func newGate(limit int) *gate { return &gate{limit: limit, running: map[string]int{}} }

// enter lets one query of the tenant in, or refuses it. The caller must call
// leave when the query is done.
func (g *gate) enter(message, tenant string) (leave func(), err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.running[tenant] >= g.limit {
		return nil, fault.New(fault.CodeBusy, message).
			WithDetail("your tenant runs %d trace queries, which is its limit", g.limit).
			WithRetryAfter(busyWait)
	}
	g.running[tenant]++
	return sync.OnceFunc(func() { g.leave(tenant) }), nil
}

func (g *gate) leave(tenant string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.running[tenant]--; g.running[tenant] == 0 {
		delete(g.running, tenant)
	}
}
