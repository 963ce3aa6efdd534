package limit

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/platformbuilds/mirador-core/gateway/internal/account"
	"github.com/platformbuilds/mirador-core/libs/cache"
	"github.com/platformbuilds/mirador-core/libs/cache/cachetest"
)

// TestGatewaysTogetherKeepTheLimit plays random traffic on several gateways
// that share one counter: what passes in a window never exceeds the limit, and
// what is stranded in leases when everybody is refused is at most one lease
// for each of them.
func TestGatewaysTogetherKeepTheLimit(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		limit := rapid.IntRange(1, 300).Draw(r, "limit")
		clock := newClock()
		store := cache.NewMemory(clock.Now)
		gateways := make([]*Limiter, rapid.IntRange(1, 3).Draw(r, "gateways"))
		for i := range gateways {
			gateways[i] = gateway(t, limit, store, clock)
		}
		for range rapid.IntRange(1, 3).Draw(r, "windows") {
			passed := 0
			for range rapid.IntRange(0, 500).Draw(r, "requests") {
				cost := rapid.IntRange(1, 3).Draw(r, "cost")
				g := gateways[rapid.IntRange(0, len(gateways)-1).Draw(r, "gateway")]
				if !g.Identity(t.Context(), user("acme", "ann"), uint32(cost)).Refused {
					passed += cost
				}
			}
			for _, g := range gateways {
				passed += passes(limit+1, func() Decision { return g.Identity(t.Context(), user("acme", "ann"), 1) })
			}
			if passed != limit {
				r.Fatalf("%d units passed, want exactly %d once every gateway is drained", passed, limit)
			}
			clock.add(Window)
		}
	})
}

// TestGatewaysRaceOnARealServer lets two gateways with many callers each run
// against one counter in a real server.
func TestGatewaysRaceOnARealServer(t *testing.T) {
	const limit = 500
	cfg := cache.Defaults()
	cfg.Nodes, cfg.Timeout = []string{cachetest.Redis(t).Addr}, 5*time.Second
	clock := newClock()
	var passed atomic.Int64
	var all sync.WaitGroup
	for range 2 {
		store := cache.Open(cfg, quiet(), nil)
		t.Cleanup(store.Close)
		g := gateway(t, limit, store, clock)
		for range 8 {
			all.Go(func() {
				passed.Add(int64(passes(limit, func() Decision { return g.Identity(t.Context(), user("acme", "ann"), 1) })))
			})
		}
	}
	all.Wait()
	is(t, "passed on both gateways", passed.Load(), int64(limit))
}

func gateway(t *testing.T, limit int, counter Counter, clock *clock) *Limiter {
	t.Helper()
	tenants, err := account.NewTenants(nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{RequestsPerMinute: limit, AddressRequestsPerMinute: limit, Replicas: 1}
	return New(cfg, counter, tenants, quiet(), nil, clock.Now)
}

func BenchmarkIdentity(b *testing.B) {
	clock := newClock()
	tenants, _ := account.NewTenants(nil)
	l := New(Config{RequestsPerMinute: 1 << 40, AddressRequestsPerMinute: 1, Replicas: 1}, cache.NewMemory(clock.Now), tenants, quiet(), nil, clock.Now)
	id := user("acme", "ann"+strconv.Itoa(b.N))
	b.ReportAllocs()
	for b.Loop() {
		l.Identity(b.Context(), id, 1)
	}
}
