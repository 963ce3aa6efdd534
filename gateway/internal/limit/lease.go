package limit

import (
	"context"
	"sync"
	"time"
)

const (
	// share of the limit that one lease may hold: 1/20 is 5 %.
	share = 20
	// taper makes leases smaller as the budget empties, so that little of it
	// is stranded in gateways that do not need it.
	taper = 4
	// maxLeases bounds the budgets that are remembered.
	maxLeases = 65_536
	// grace lets a counter outlive its window, for gateways whose clocks lag.
	grace = 10 * time.Second
)

// lease is a block of a budget that this gateway may spend alone.
type lease struct {
	mu     sync.Mutex
	window int64
	// left of the block.
	left int64
	// used by everybody at the last look, the block included.
	used int64
	// spent by this gateway in the window; all that is known without Valkey.
	spent int64
}

// spend takes units from the lease, and renews the lease where it is too small.
func (l *Limiter) spend(ctx context.Context, now time.Time, b budget, units int64) outcome {
	le := l.leases.of(b.budgetID)
	le.mu.Lock()
	defer le.mu.Unlock()
	le.turn(windowOf(now))
	if le.left < units && le.used < b.limit {
		if err := l.renew(ctx, le, b, units, now); err != nil {
			return l.alone(le, b, units, err)
		}
	}
	// What this gateway spent counts even when the shared counter was lost.
	if le.left < units || le.spent+units > b.limit {
		return l.counted(outcome{budget: b, refused: true, remaining: remaining(b.limit, le)}, shared)
	}
	le.left -= units
	le.spent += units
	return l.counted(outcome{budget: b, remaining: remaining(b.limit, le)}, shared)
}

func (l *Limiter) renew(ctx context.Context, le *lease, b budget, units int64, now time.Time) error {
	block := min(b.limit/share, (b.limit-le.used)/taper)
	want := max(units, block) - le.left
	taken, err := l.counter.Take(ctx, b.storeKey(le.window), want, b.limit, windowEnd(now).Sub(now)+grace)
	if err != nil {
		return err
	}
	le.left += taken.Granted
	le.used = taken.Used
	if l.away.Swap(false) {
		l.log.Info("rate limits are shared again")
	}
	return nil
}

// alone holds this gateway's share of the limit while nobody can be asked.
func (l *Limiter) alone(le *lease, b budget, units int64, cause error) outcome {
	if !l.away.Swap(true) {
		l.log.Warn("rate limits hold locally", "error", cause)
	}
	le.left = 0
	own := max(1, b.limit/int64(l.cfg.Load().Replicas))
	if le.spent+units > own {
		return l.counted(outcome{budget: b, refused: true, remaining: max(0, own-le.spent)}, local)
	}
	le.spent += units
	return l.counted(outcome{budget: b, remaining: own - le.spent}, local)
}

// turn starts anew when the window has changed.
func (le *lease) turn(window int64) {
	if le.window != window {
		le.window, le.left, le.used, le.spent = window, 0, 0, 0
	}
}

// giveBack returns units that were taken for a request refused elsewhere.
func (le *lease) giveBack(window, units int64) {
	le.mu.Lock()
	defer le.mu.Unlock()
	if le.window == window {
		le.left += units
		le.spent -= units
	}
}

func remaining(limit int64, le *lease) int64 {
	return max(0, min(limit-le.used+le.left, limit-le.spent))
}

func windowOf(now time.Time) int64 { return now.Unix() / int64(Window/time.Second) }

func windowEnd(now time.Time) time.Time {
	return time.Unix((windowOf(now)+1)*int64(Window/time.Second), 0)
}

// leases is a bounded map; at the bound it drops budgets picked at random. The
// shared counter still knows what a dropped one used.
type leases struct {
	mu    sync.RWMutex
	byID  map[budgetID]*lease
	limit int
}

func (s *leases) of(id budgetID) *lease {
	s.mu.RLock()
	le := s.byID[id]
	s.mu.RUnlock()
	if le != nil {
		return le
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if le = s.byID[id]; le == nil {
		s.makeRoom()
		le = &lease{}
		s.byID[id] = le
	}
	return le
}

func (s *leases) makeRoom() {
	for id := range s.byID {
		if len(s.byID) < s.limit {
			return
		}
		delete(s.byID, id)
	}
}
