package weaviate

import (
	"context"
	"sync"

	"github.com/platformbuilds/mirador-core/services/schema/internal/jetstream"
)

// epochs announces a tenant's epoch only once what it speaks of is projected:
// whoever hears of it asks at once, perhaps another replica.
type epochs struct {
	jetstream.Epochs
	projected func() uint64

	mu      sync.Mutex
	waiting map[string]uint64
}

// Publish announces an epoch, or remembers to.
func (e *epochs) Publish(ctx context.Context, tenant string, epoch uint64) error {
	if e.projected() >= epoch {
		return e.Epochs.Publish(ctx, tenant, epoch)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.waiting[tenant] = max(e.waiting[tenant], epoch)
	return nil
}

// Epoch counts what is going to be announced.
func (e *epochs) Epoch(tenant string) uint64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return max(e.waiting[tenant], e.Epochs.Epoch(tenant))
}

// ready takes what may be announced by now.
func (e *epochs) ready() map[string]uint64 {
	limit, out := e.projected(), map[string]uint64{}
	e.mu.Lock()
	defer e.mu.Unlock()
	for tenant, epoch := range e.waiting {
		if epoch <= limit {
			out[tenant] = epoch
			delete(e.waiting, tenant)
		}
	}
	return out
}

// announce publishes what may be announced by now; what fails waits on.
func (e *epochs) announce(ctx context.Context) {
	for tenant, epoch := range e.ready() {
		if e.Epochs.Epoch(tenant) >= epoch {
			continue
		}
		if err := e.Epochs.Publish(ctx, tenant, epoch); err != nil {
			e.mu.Lock()
			e.waiting[tenant] = max(e.waiting[tenant], epoch)
			e.mu.Unlock()
		}
	}
}
