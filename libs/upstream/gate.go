package upstream

import (
	"sync"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// BusyWait is what a caller over its share of a back end is told to wait: most
// queries end within it.
const BusyWait = time.Second

// Gate bounds the queries that each tenant runs at one time. It holds nothing
// for tenants that run none, and is safe for concurrent use.
type Gate struct {
	mu      sync.Mutex
	running map[string]int
}

// NewGate returns an open gate.
func NewGate() *Gate {
	return &Gate{running: map[string]int{}}
}

// Enter lets one query of the tenant in, or refuses it with fault.CodeBusy and
// the message when limit of them run; 0 means no limit. The caller must call
// leave when the query is done; calling it again does nothing.
func (g *Gate) Enter(message, tenant string, limit int) (leave func(), err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if limit > 0 && g.running[tenant] >= limit {
		return nil, fault.New(fault.CodeBusy, message).
			WithDetail("your tenant runs %d queries, which is its limit", limit).
			WithRetryAfter(BusyWait)
	}
	g.running[tenant]++
	return sync.OnceFunc(func() { g.leave(tenant) }), nil
}

func (g *Gate) leave(tenant string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.running[tenant]--; g.running[tenant] == 0 {
		delete(g.running, tenant)
	}
}
