package cache_test

import (
	"io"
	"log/slog"
	"os/exec"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/libs/cache"
	"github.com/platformbuilds/mirador-core/libs/cache/cachetest"
)

func TestMain(m *testing.M) {
	// A closed cluster client of valkey-go leaves one goroutine that sleeps for
	// 5 s before it lets go of old connections; others sleep up to a second.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valkey-io/valkey-go.(*clusterClient)._refresh.func2"),
		goleak.IgnoreAnyFunction("github.com/valkey-io/valkey-go.(*call).DelayDo.func1"))
}

func TestMemory(t *testing.T) {
	cachetest.Run(t, func(*testing.T) cachetest.Harness {
		var passed atomic.Int64
		began := time.Now()
		store := cache.NewMemory(func() time.Time { return began.Add(time.Duration(passed.Load())) })
		return cachetest.Harness{Store: store, Advance: func(d time.Duration) { passed.Add(int64(d)) }}
	})
}

func TestValkeyOnMiniredis(t *testing.T) {
	cachetest.Run(t, func(t *testing.T) cachetest.Harness {
		server := miniredis.RunT(t)
		now := time.Now()
		server.SetTime(now)
		return cachetest.Harness{Store: open(t, server.Addr()), Advance: func(d time.Duration) {
			server.FastForward(d)
			now = now.Add(d)
			server.SetTime(now)
		}}
	})
}

// servers lists the real programs to test on: Redis, which is required, and
// Valkey where it is installed; no test may need what only one of them has.
func servers() []string {
	if _, err := exec.LookPath("valkey-server"); err == nil {
		return []string{"redis-server", "valkey-server"}
	}
	return []string{"redis-server"}
}

func TestValkeyOnRealServer(t *testing.T) {
	for _, program := range servers() {
		t.Run(program, func(t *testing.T) {
			addr := cachetest.Single(t, program).Addr
			cachetest.Run(t, func(t *testing.T) cachetest.Harness {
				return cachetest.Harness{Store: open(t, addr)}
			})
		})
	}
}

func TestValkeyOnRealCluster(t *testing.T) {
	for _, program := range servers() {
		t.Run(program, func(t *testing.T) {
			nodes := cachetest.Cluster(t, program)
			cachetest.Run(t, func(t *testing.T) cachetest.Harness {
				return cachetest.Harness{Store: open(t, nodes...)}
			})
		})
	}
}

// TestSeveralNodesWithoutCluster proves the fall-back to the first node when
// the servers are no cluster.
func TestSeveralNodesWithoutCluster(t *testing.T) {
	first, second := cachetest.Redis(t), cachetest.Redis(t)
	cachetest.Run(t, func(t *testing.T) cachetest.Harness {
		return cachetest.Harness{Store: open(t, first.Addr, second.Addr)}
	})
}

// TestNearFollowsChanges proves that client-side caching sees a foreign write.
func TestNearFollowsChanges(t *testing.T) {
	cfg := config(cachetest.Redis(t).Addr)
	other := open(t, cfg.Nodes...)
	cfg.Near = time.Minute
	near := cache.Open(cfg, quiet(), nil)
	t.Cleanup(near.Close)
	for _, value := range []string{"one", "two"} {
		if err := other.Set(t.Context(), "k", []byte(value), time.Hour); err != nil {
			t.Fatal(err)
		}
		cachetest.Eventually(t, func() bool {
			got, _, err := near.GetNear(t.Context(), "k")
			return err == nil && string(got) == value
		})
	}
}

// TestNearWithoutServerSupport proves that a server without client tracking
// is used all the same.
func TestNearWithoutServerSupport(t *testing.T) {
	cfg := config(miniredis.RunT(t).Addr())
	cfg.Near = time.Minute
	store := cache.Open(cfg, quiet(), nil)
	t.Cleanup(store.Close)
	if err := store.Set(t.Context(), "k", []byte("v"), time.Hour); err != nil {
		t.Fatal(err)
	}
	if got, found, err := store.GetNear(t.Context(), "k"); err != nil || !found || string(got) != "v" {
		t.Errorf("got %q, %v, %v", got, found, err)
	}
}

func open(t *testing.T, nodes ...string) *cache.Valkey {
	t.Helper()
	store := cache.Open(config(nodes...), quiet(), nil)
	t.Cleanup(store.Close)
	return store
}

func config(nodes ...string) cache.Config {
	cfg := cache.Defaults()
	cfg.Nodes = nodes
	// A busy test machine must not look like an absent server.
	cfg.Timeout = 5 * time.Second
	return cfg
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }
