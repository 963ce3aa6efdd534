package resultcache

import (
	"time"

	"github.com/platformbuilds/mirador-core/libs/cache"
)

const (
	// cheapSize is the largest body that may be cheap. Up to here answers are
	// complete before they are sent, so what they took says nothing of the
	// client's speed.
	cheapSize = 256 << 10
	// dear is how many times the bound a cheap answer may take before it counts
	// as dear again: a busy moment changes nothing.
	dear = 50
	// cheapLife is how long a proof holds, cheapBytes what all proofs may need.
	cheapLife  = 5 * time.Minute
	cheapBytes = 4 << 20
)

// cheap remembers which queries cost less to make than to fetch from the
// shared store: those of one caller's view with one text, whatever the time.
type cheap struct {
	bound time.Duration
	known *cache.Local[struct{}]
}

// newCheap remembers nothing when bound is 0.
func newCheap(bound time.Duration, now func() time.Time) *cheap {
	return &cheap{bound: bound, known: cache.NewLocal[struct{}](cache.LocalOptions{MaxBytes: cheapBytes, Share: 0.5, Now: now})}
}

// name of a query without its times and options, and without the epoch.
func (c *cheap) name(k Key) string {
	if c.bound <= 0 {
		return ""
	}
	return spell(k.Account, k.Scope, k.Route, k.Query)
}

func (c *cheap) is(tenant, name string) bool {
	_, ok := c.known.Get(tenant, name)
	return ok
}

// learn from an answer that was made.
func (c *cheap) learn(tenant, name string, was bool, took time.Duration, size int) {
	switch {
	case c.bound <= 0:
	case size > cheapSize || took > dear*c.bound:
		if was {
			c.known.Delete(tenant, name)
		}
	case !was && took <= c.bound:
		c.known.Set(tenant, name, struct{}{}, 0, cheapLife)
	}
}
