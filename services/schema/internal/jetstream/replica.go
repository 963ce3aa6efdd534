package jetstream

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

// replica is this process' copy of what the log says. It follows the log; the
// last known state stays while a new log is read.
type replica struct {
	log *slog.Logger

	mu      sync.RWMutex
	current *model
	// building is set while a log is read for the first time.
	building  *model
	confirmed time.Time
	// news is closed at the next change; nil while nobody waits.
	news chan struct{}
	// dirty holds tenants whose epoch may lag behind the log.
	dirty map[string]uint64
}

func newReplica(log *slog.Logger) *replica {
	return &replica{log: log, current: newModel(), building: newModel(), dirty: map[string]uint64{}}
}

// Reset begins a new model.
func (r *replica) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.building = newModel()
}

// Apply folds the next record.
func (r *replica) Apply(rec events.Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.current
	if r.building != nil {
		m = r.building
	}
	tenant, err := m.apply(rec)
	if err != nil {
		r.log.Error("schema log holds a record that cannot be read", "sequence", rec.Sequence, "error", err)
	}
	if tenant != "" {
		r.dirty[tenant] = rec.Sequence
	}
	if r.building == nil {
		r.announce()
	}
}

// CaughtUp puts a model that is complete in place.
func (r *replica) CaughtUp(moment time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.confirmed = moment
	if r.building != nil {
		r.current, r.building = r.building, nil
		r.announce()
	}
}

// announce wakes whoever waits. The lock must be held.
func (r *replica) announce() {
	if r.news != nil {
		close(r.news)
		r.news = nil
	}
}

func notRead() error {
	return fault.New(fault.CodeUnavailable, "Service unavailable").
		WithDetail("the definitions are being read").WithRetryAfter(time.Second)
}

// includes tells whether the model includes a sequence.
func (r *replica) includes(sequence uint64) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.current.applied >= sequence
}

// wait returns once the model includes a sequence, or with the error of ctx.
func (r *replica) wait(ctx context.Context, sequence uint64) error {
	for {
		news := r.until(sequence)
		if news == nil {
			return nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return fmt.Errorf("wait for change %d: %w", sequence, ctx.Err())
		}
	}
}

// until is nil when the model includes the sequence.
func (r *replica) until(sequence uint64) <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.current.applied >= sequence {
		return nil
	}
	if r.news == nil {
		r.news = make(chan struct{})
	}
	return r.news
}

// read calls f with a tenant's definitions; it must not keep them.
func (r *replica) read(name string, f func(*tenant)) error {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.confirmed.IsZero() {
		return notRead()
	}
	f(r.current.tenant(name))
	return nil
}

// stale gives the tenants whose epoch has to be looked at.
func (r *replica) stale() map[string]uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.building != nil {
		return nil
	}
	out := r.dirty
	r.dirty = map[string]uint64{}
	return out
}

// again puts a tenant back whose epoch could not be written.
func (r *replica) again(tenant string, sequence uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dirty[tenant] = max(r.dirty[tenant], sequence)
}
