package events

import (
	"context"
	"sync"
	"time"
)

// raisedFor is how long an epoch learned from an answer is kept without the
// bucket confirming it. The bucket follows within a second; the bound is for
// a log that was thrown away and began anew.
const raisedFor = 5 * time.Minute

// EpochBucket is the bucket of definition epochs: per tenant the log sequence
// of its newest definition.
func EpochBucket() Bucket {
	return Bucket{Name: "schema_epochs", Description: "newest definition of each tenant", MaxValue: maxNumber}
}

// EpochWatch knows the definitions epoch of every tenant without asking the
// network.
type EpochWatch struct {
	view *View[string, uint64]
	conn *Conn
	now  func() time.Time

	mu     sync.RWMutex
	raised map[string]raised
}

type raised struct {
	epoch uint64
	until time.Time
}

// NewEpochWatch watches the epochs of at most maxTenants tenants; Run must be
// running.
func NewEpochWatch(c *Conn, maxTenants int) *EpochWatch {
	return &EpochWatch{conn: c, now: time.Now, raised: map[string]raised{},
		view: NewView(c, ViewConfig[string, uint64]{
			Bucket: EpochBucket(), Key: Decode, Value: parseNumber, MaxEntries: maxTenants})}
}

// Run keeps the epochs current until ctx ends.
func (w *EpochWatch) Run(ctx context.Context) error { return w.view.Run(ctx) }

// Wait returns when the epochs have been read once, or with the error of ctx.
func (w *EpochWatch) Wait(ctx context.Context) error { return w.view.Wait(ctx) }

// Age is the time since the epochs were last known to be complete.
func (w *EpochWatch) Age() time.Duration { return w.view.Age() }

// Check fails while the epochs are older than limit; it is a readiness check.
func (w *EpochWatch) Check(limit time.Duration) func(context.Context) error {
	return w.view.Check(limit)
}

// Epoch of a tenant: the newest that the bucket holds or that Raise was told.
// A tenant without definitions has epoch 0.
func (w *EpochWatch) Epoch(tenant string) uint64 {
	e, _ := w.view.Get(tenant)
	w.mu.RLock()
	r, ok := w.raised[tenant]
	w.mu.RUnlock()
	if !ok || r.epoch <= e.Value || w.now().After(r.until) {
		return e.Value
	}
	return r.epoch
}

// Raise tells the watch of an epoch learned otherwise, such as from the answer
// to a write, so that the write shows before the bucket's news arrives. The
// tenant must be one of a verified identity.
func (w *EpochWatch) Raise(tenant string, epoch uint64) {
	if epoch <= w.Epoch(tenant) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.forget()
	if epoch > w.raised[tenant].epoch {
		w.raised[tenant] = raised{epoch: epoch, until: w.now().Add(raisedFor)}
	}
}

// forget drops what the bucket has caught up with. The lock must be held.
func (w *EpochWatch) forget() {
	for tenant, r := range w.raised {
		if e, _ := w.view.Get(tenant); r.epoch <= e.Value || w.now().After(r.until) {
			delete(w.raised, tenant)
		}
	}
}

// Publish writes a tenant's epoch to the bucket unless a newer one is there.
// Only the schema service does so.
func (w *EpochWatch) Publish(ctx context.Context, tenant string, epoch uint64) error {
	key, err := Encode(tenant)
	if err != nil {
		return err
	}
	stored, revision, err := w.conn.raise(ctx, EpochBucket(), key, epoch)
	if err != nil {
		return Unavailable("publish epoch", err)
	}
	w.view.Applied(tenant, stored, revision)
	return nil
}
