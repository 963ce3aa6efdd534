package upstream

import (
	"sync"
	"time"
)

const (
	// budgetShare of the calls may be tried again ...
	budgetShare = 0.1
	// ... plus budgetFloor tries a second, so that quiet pools retry as well.
	budgetFloor = 5.0
	// budgetMost is what may be saved up: enough for the calls in flight when
	// an endpoint dies.
	budgetMost = 100.0
)

// budget keeps retries from multiplying an outage.
type budget struct {
	mu   sync.Mutex
	left float64
	last time.Time
}

func newBudget(now time.Time) *budget { return &budget{left: budgetMost, last: now} }

// called earns a share of a retry.
func (b *budget) called() {
	b.mu.Lock()
	b.left = min(b.left+budgetShare, budgetMost)
	b.mu.Unlock()
}

// take spends one retry, if there is one.
func (b *budget) take(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left = min(b.left+budgetFloor*max(0, now.Sub(b.last).Seconds()), budgetMost)
	b.last = now
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}
