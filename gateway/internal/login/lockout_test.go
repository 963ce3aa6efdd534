package login

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/cache"
	"github.com/platformbuilds/mirador-core/libs/cache/cachetest"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

// try logs in and returns how long the answer says to wait; 0 when the
// password was looked at.
func (w *world) try(t *testing.T, user, password, address string) time.Duration {
	t.Helper()
	_, err := w.Login(t.Context(), Attempt{User: user, Password: password, Address: address})
	if f := fault.From(err); f != nil && f.Code == fault.CodeRateLimited {
		return f.RetryAfter
	}
	return 0
}

func TestLockoutGrowsForKnownAndUnknownAccounts(t *testing.T) {
	for _, user := range []string{"ann", "nobody"} {
		t.Run(user, func(t *testing.T) {
			w := newWorld(t, func(c *Config, _ *Parts) { c.Lockout.AddressFree = 1000 })
			for range 6 {
				is(t, "wait of a free attempt and the first after", w.try(t, user, "wrong", ""), 0)
			}
			for _, want := range []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300} {
				is(t, "wait", w.try(t, user, password, ""), want*time.Second)
				w.clock.add(want*time.Second - time.Millisecond)
				is(t, "wait at the end", w.try(t, user, password, ""), time.Millisecond)
				w.clock.add(time.Millisecond)
				is(t, "one attempt passes", w.try(t, user, "wrong", ""), 0)
			}
		})
	}
}

func TestSuccessForgetsFailures(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		for range 5 {
			is(t, "wait", w.try(t, "ann", "wrong", ""), 0)
		}
		is(t, "right password", w.try(t, "ann", password, ""), 0)
	}
}

func TestFailuresAreForgottenInTime(t *testing.T) {
	w := newWorld(t)
	for range 5 {
		w.try(t, "ann", "wrong", "")
	}
	w.clock.add(time.Hour)
	for range 6 {
		is(t, "wait", w.try(t, "ann", "wrong", ""), 0)
	}
}

func TestAddressIsLockedOverAllAccounts(t *testing.T) {
	w := newWorld(t)
	for i := range 21 {
		is(t, "wait", w.try(t, "user"+strconv.Itoa(i), "wrong", "192.0.2.9"), 0)
	}
	is(t, "wait of the address", w.try(t, "ann", password, "192.0.2.9"), time.Second)
	is(t, "wait elsewhere", w.try(t, "ann", password, "192.0.2.10"), 0)
}

func TestGoodLoginsDoNotLockAnAddress(t *testing.T) {
	w := newWorld(t)
	for range 100 {
		is(t, "wait", w.try(t, "ann", password, "192.0.2.9"), 0)
	}
}

func TestOwnAccountBuysNoGuesses(t *testing.T) {
	w := newWorld(t)
	guesses := 0
	for i := range 200 {
		is(t, "own login", w.try(t, "ann", password, "192.0.2.9"), 0)
		if w.try(t, "user"+strconv.Itoa(i), "wrong", "192.0.2.9") > 0 || w.try(t, "ann", password, "192.0.2.9") > 0 {
			break
		}
		guesses++
	}
	if guesses > 21 {
		t.Errorf("%d guesses from one address", guesses)
	}
}

// TestManyAttemptsAtOnce proves that a flood gets no more looks at a password
// than a patient caller.
func TestManyAttemptsAtOnce(t *testing.T) {
	for name, store := range map[string]func(t *testing.T) cache.Store{
		"memory":      func(*testing.T) cache.Store { return nil },
		"real server": func(t *testing.T) cache.Store { return openStore(t, cachetest.Redis(t).Addr) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(_ *Config, p *Parts) {
				if s := store(t); s != nil {
					p.Store = s
				}
			})
			var looked atomic.Int64
			var all sync.WaitGroup
			for range 60 {
				all.Go(func() {
					if w.try(t, "ann", "wrong", "") == 0 {
						looked.Add(1)
					}
				})
			}
			all.Wait()
			is(t, "passwords looked at", looked.Load(), 6)
			is(t, "hashes", w.passwords.checks.Load(), 6)
		})
	}
}

func TestLockoutHoldsWithoutValkey(t *testing.T) {
	w := newWorld(t, func(_ *Config, p *Parts) { p.Store = closedStore(t) })
	for range 6 {
		is(t, "wait", w.try(t, "ann", "wrong", ""), 0)
	}
	is(t, "wait after six", w.try(t, "ann", password, ""), time.Second)
	w.clock.add(time.Second)
	is(t, "right password", w.try(t, "ann", password, ""), 0)
	is(t, "forgotten", w.try(t, "ann", "wrong", ""), 0)
}

func openStore(t *testing.T, addr string) *cache.Valkey {
	t.Helper()
	cfg := cache.Defaults()
	cfg.Nodes, cfg.Timeout, cfg.Retry = []string{addr}, 5*time.Second, 10*time.Millisecond
	store := cache.Open(cfg, quiet(), nil)
	t.Cleanup(store.Close)
	return store
}

// closedStore is away for good.
func closedStore(t *testing.T) *cache.Valkey {
	t.Helper()
	cfg := cache.Defaults()
	cfg.Nodes = []string{"127.0.0.1:1"}
	store := cache.Open(cfg, quiet(), nil)
	store.Close()
	return store
}
