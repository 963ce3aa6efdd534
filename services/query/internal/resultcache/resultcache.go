// Package resultcache keeps encoded answers in Valkey: the second level of
// the result cache, shared by all replicas of the query service. Calls with
// the same key share one upstream call. It never decides what may be cached:
// the caller's time to live does.
package resultcache

import (
	"context"
	"errors"
	"time"
)

// Key names one answer. Every member takes part in it; two keys that differ
// anywhere never share an answer.
type Key struct {
	// Tenant and Account ("AccountID:ProjectID") of the identity.
	Tenant, Account string
	// Scope is the digest of the role scope, empty without one.
	Scope string
	// Route of the call, for example "instant".
	Route string
	// Query is the canonical MetricsQL.
	Query string
	// Params are all other parameters that shape the answer, in a fixed order
	// that the route chooses: times, step, timeout, definition options.
	Params []string
	// Epoch of the tenant's definitions.
	Epoch uint64
}

// Store is the part of the shared cache that this package uses.
type Store interface {
	Get(ctx context.Context, key string) (value []byte, found bool, err error)
	Set(ctx context.Context, key string, value []byte, ttl time.Duration) error
	Healthy() bool
}

// Options of a Cache. Zero members mean the default.
type Options struct {
	// MaxEntry bounds one body. Default 4 MiB.
	MaxEntry int
	// TeeBudget bounds the bodies being collected at one time. Default 32 MiB.
	TeeBudget int64
	// Observe is told of each operation ("get", "set") and result ("hit", "miss",
	// "success", "error"); nil tells nobody.
	Observe func(operation, result string, took time.Duration)
}

// Hit is a stored answer.
type Hit struct {
	// Body in its stored form; it must not be changed.
	Body []byte
	// TTL that is left.
	TTL time.Duration
}

// Cache is safe for concurrent use.
type Cache struct{}

// New returns a cache on top of the store; a nil store caches nothing, but
// calls still share one upstream call.
func New(store Store, opts Options) *Cache { return &Cache{} }

// Begin looks the key up. It returns a hit, or a lead: then the caller makes
// the answer, gives the lead to the relay as its Tee, and must Close it. Begin
// may wait for another call with the same key; its error is that of ctx.
func (c *Cache) Begin(ctx context.Context, key Key) (*Hit, *Lead, error) {
	return nil, nil, errors.New("not built yet")
}

// Bypass returns a lead that stores nothing, for calls that must not be cached.
func (c *Cache) Bypass() *Lead { return &Lead{} }

// Close waits for writes under way.
func (c *Cache) Close() {}

// Lead is the duty to make one answer. Its methods are for one goroutine.
type Lead struct{}

// Caching is false when nothing will be stored, whatever happens.
func (l *Lead) Caching() bool { return false }

// Write adds the next bytes of the body.
func (l *Lead) Write(p []byte) {}

// Commit stores the body with its bytes [start, end) replaced by metadata.
func (l *Lead) Commit(start, end int, metadata []byte, ttl time.Duration) {}

// Abandon drops what was written; waiting calls go their own way.
func (l *Lead) Abandon() {}

// Close abandons the lead unless it was committed.
func (l *Lead) Close() {}
