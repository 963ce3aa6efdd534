package events

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"
)

// forever is the age of a view that cannot be trusted.
const forever = time.Duration(math.MaxInt64)

// Entry is one value of a bucket as a view holds it.
type Entry[V any] struct {
	Value V
	// Revision of the bucket at which the value was written.
	Revision uint64
	// Created is the time of that write, by the server's clock.
	Created time.Time
}

// ViewConfig says how a bucket is held in memory.
type ViewConfig[K comparable, V any] struct {
	Bucket Bucket
	// Key and Value read one entry; an entry that they refuse is skipped and
	// logged.
	Key   func(string) (K, error)
	Value func([]byte) (V, error)
	// MaxEntries bounds the view. A bucket with more makes the view untrusted:
	// its age is endless, because something is missing from it.
	MaxEntries int
	// Heartbeat is how often the view is compared with the server; default 2 s.
	Heartbeat time.Duration
	// Now is the clock; default time.Now.
	Now func() time.Time
}

// View is a bucket in memory, kept current by a watch. Reads never touch the
// network and give the last known values when NATS is away; Age tells how far
// they may be behind. Run must be running.
type View[K comparable, V any] struct {
	cfg   ViewConfig[K, V]
	conn  *Conn
	ready chan struct{}

	mu        sync.RWMutex
	current   map[K]Entry[V]
	building  map[K]Entry[V]
	revision  uint64
	confirmed time.Time
	caughtUp  bool
	// overflow and spilled tell that current or building lacks an entry that
	// did not fit.
	overflow, spilled bool
}

// NewView returns a view that is empty and not ready until Run has caught up.
func NewView[K comparable, V any](c *Conn, cfg ViewConfig[K, V]) *View[K, V] {
	if cfg.Heartbeat <= 0 {
		cfg.Heartbeat = 2 * time.Second
	}
	if cfg.MaxEntries <= 0 {
		cfg.MaxEntries = 100_000
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &View[K, V]{cfg: cfg, conn: c, ready: make(chan struct{}), current: map[K]Entry[V]{}}
}

// Get returns the value of a key, if it is there and has not outlived the
// bucket's Keep.
func (v *View[K, V]) Get(key K) (Entry[V], bool) {
	v.mu.RLock()
	e, ok := v.current[key]
	v.mu.RUnlock()
	if ok && v.expired(e) {
		return Entry[V]{}, false
	}
	return e, ok
}

func (v *View[K, V]) expired(e Entry[V]) bool {
	keep := v.cfg.Bucket.Keep
	return keep > 0 && v.cfg.Now().Sub(e.Created) > keep
}

// Len is the number of entries held.
func (v *View[K, V]) Len() int {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return len(v.current)
}

// Ready is closed once the view has held the whole bucket for the first time.
func (v *View[K, V]) Ready() <-chan struct{} { return v.ready }

// Wait returns when the view is ready, or with the error of ctx.
func (v *View[K, V]) Wait(ctx context.Context) error {
	select {
	case <-v.ready:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for bucket %s: %w", v.cfg.Bucket.Name, ctx.Err())
	}
}

// Age is the time since the view was last known to hold everything that the
// server held. It is endless before the first time, and while the bucket has
// more entries than the view may keep.
func (v *View[K, V]) Age() time.Duration {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.confirmed.IsZero() || v.overflow {
		return forever
	}
	return max(0, v.cfg.Now().Sub(v.confirmed))
}

// Check fails while the view is older than limit; it is a readiness check.
func (v *View[K, V]) Check(limit time.Duration) func(context.Context) error {
	return func(context.Context) error {
		if age := v.Age(); age > limit {
			return fmt.Errorf("bucket %s: no contact for more than %s", v.cfg.Bucket.Name, limit)
		}
		return nil
	}
}

// Applied puts a value that this process has just written into the view, so
// that its own writes show at once.
func (v *View[K, V]) Applied(key K, value V, revision uint64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	e := Entry[V]{Value: value, Revision: revision, Created: v.cfg.Now()}
	v.overflow = !v.put(v.current, key, e) || v.overflow
	if v.building != nil {
		v.spilled = !v.put(v.building, key, e) || v.spilled
	}
}

// put keeps the newer of two writes; false means that there was no room. The
// lock must be held.
func (v *View[K, V]) put(m map[K]Entry[V], key K, e Entry[V]) bool {
	old, known := m[key]
	if known && old.Revision > e.Revision {
		return true
	}
	if !known && len(m) >= v.cfg.MaxEntries {
		v.conn.metrics.dropped.WithLabelValues(dropFull).Inc()
		return false
	}
	m[key] = e
	return true
}
