// Package cache keeps short-lived shared state: sessions, rate-limit counters,
// cached answers. It speaks to Valkey (one node or a cluster) and has an
// in-memory twin for tests and single-process development. It is not a place
// for anything that must survive.
package cache

import (
	"context"
	"errors"
	"time"
)

// ErrAway says that the store cannot be reached now. Operations fail with it
// at once while the store is known to be away.
var ErrAway = errors.New("cache is away")

// Store is what every implementation does. Keys come from Key or Hashed. A
// time to live of zero or less is refused: nothing here lives forever.
type Store interface {
	// Get returns the value; found is false when there is none.
	Get(ctx context.Context, key string) (value []byte, found bool, err error)
	// Set stores the value for the time to live.
	Set(ctx context.Context, key string, value []byte, ttl time.Duration) error
	// Add stores the value only where there is none, and tells whether it did.
	Add(ctx context.Context, key string, value []byte, ttl time.Duration) (added bool, err error)
	// Replace stores the value only where there is one, and tells whether it did.
	Replace(ctx context.Context, key string, value []byte, ttl time.Duration) (replaced bool, err error)
	// Delete removes the keys; absent ones are no error.
	Delete(ctx context.Context, keys ...string) error
	// GetDelete returns the value and removes it in one step, so that of
	// several callers exactly one finds it.
	GetDelete(ctx context.Context, key string) (value []byte, found bool, err error)
	// Take counts up to want units against the limit of the counter at key and
	// returns how many were granted (0..want) and how many are used now. The
	// first unit starts the counter's time to live. A negative want gives units
	// back, never more than are used.
	Take(ctx context.Context, key string, want, limit int64, ttl time.Duration) (Taken, error)
	// Note adds a member to an index for the time to live; an index holds at
	// most MaxIndex members, those that end last.
	Note(ctx context.Context, index, member string, ttl time.Duration) error
	// Forget removes a member from an index.
	Forget(ctx context.Context, index, member string) error
	// Noted lists the living members of an index, those that end last first.
	Noted(ctx context.Context, index string) ([]string, error)
	// Healthy tells whether the store could be reached lately.
	Healthy() bool
	// Close ends all goroutines and connections of the store.
	Close()
}

// MaxIndex bounds the members of one index.
const MaxIndex = 10_000

// Taken is the outcome of Store.Take.
type Taken struct {
	// Granted units of those wanted; negative when units were given back.
	Granted int64
	// Used units of the counter in all, this grant included.
	Used int64
}
