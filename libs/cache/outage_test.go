package cache_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/cache"
	"github.com/platformbuilds/mirador-core/libs/cache/cachetest"
)

// restless is a store that looks for its server again at once.
func restless(t *testing.T, addr string, rec cache.Recorder) *cache.Valkey {
	t.Helper()
	cfg := cache.Defaults()
	cfg.Nodes, cfg.Retry = []string{addr}, 10*time.Millisecond
	store := cache.Open(cfg, quiet(), rec)
	t.Cleanup(store.Close)
	return store
}

func TestStartsWithoutServerAndConnectsLater(t *testing.T) {
	server := cachetest.Redis(t)
	server.Stop()
	store := restless(t, server.Addr, nil)
	if store.Healthy() {
		t.Error("healthy without a server")
	}
	if _, _, err := store.Get(t.Context(), "k"); !errors.Is(err, cache.ErrAway) {
		t.Errorf("get: %v, want ErrAway", err)
	}
	if err := store.Ping(t.Context()); !errors.Is(err, cache.ErrAway) {
		t.Errorf("ping: %v, want ErrAway", err)
	}
	server.Resume()
	cachetest.Eventually(t, store.Healthy)
	if err := store.Set(t.Context(), "k", []byte("v"), time.Hour); err != nil {
		t.Errorf("set after the server came: %v", err)
	}
}

func TestSurvivesRestart(t *testing.T) {
	server := cachetest.Redis(t)
	store := restless(t, server.Addr, nil)
	cachetest.Eventually(t, store.Healthy)
	server.Stop()
	cachetest.Eventually(t, func() bool { return !store.Healthy() })
	if _, err := store.Take(t.Context(), "k", 1, 1, time.Hour); !errors.Is(err, cache.ErrAway) {
		t.Errorf("take: %v, want ErrAway", err)
	}
	server.Resume()
	cachetest.Eventually(t, store.Healthy)
	if _, err := store.Take(t.Context(), "k", 1, 1, time.Hour); err != nil {
		t.Errorf("take after the restart: %v", err)
	}
}

// TestSilentServer proves that a server which accepts and never answers costs
// a few callers a deadline each and the rest nothing, and that it is back as
// soon as it answers the probe that follows.
func TestSilentServer(t *testing.T) {
	server := cachetest.Redis(t)
	cfg := cache.Defaults()
	cfg.Nodes, cfg.Retry, cfg.Timeout = []string{server.Addr}, 100*time.Millisecond, 20*time.Millisecond
	store := cache.Open(cfg, quiet(), nil)
	t.Cleanup(store.Close)
	cachetest.Eventually(t, store.Healthy)
	server.Freeze()
	for range 3 {
		if _, _, err := store.Get(t.Context(), "k"); !errors.Is(err, cache.ErrAway) {
			t.Errorf("get: %v, want ErrAway", err)
		}
	}
	if store.Healthy() {
		t.Error("healthy after three silent operations")
	}
	if _, _, err := store.Get(t.Context(), "k"); !errors.Is(err, cache.ErrAway) {
		t.Errorf("get while away: %v, want ErrAway", err)
	}
	server.Thaw()
	cachetest.Eventually(t, store.Healthy)
}

func TestCallerWhoLeavesIsNoOutage(t *testing.T) {
	store := open(t, cachetest.Redis(t).Addr)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 5 {
		if _, _, err := store.Get(ctx, "k"); !errors.Is(err, context.Canceled) || errors.Is(err, cache.ErrAway) {
			t.Errorf("get: %v, want only context.Canceled", err)
		}
	}
	if !store.Healthy() {
		t.Error("not healthy after callers left")
	}
}

func TestRefusedCommandIsNoOutage(t *testing.T) {
	store := open(t, cachetest.Redis(t).Addr)
	if err := store.Set(t.Context(), "text", []byte("v"), time.Hour); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if err := store.Note(t.Context(), "text", "m", time.Hour); err == nil || errors.Is(err, cache.ErrAway) {
			t.Errorf("note on a text: %v, want a refusal that is not ErrAway", err)
		}
	}
	if !store.Healthy() {
		t.Error("not healthy after refused commands")
	}
}

func TestOperationsAreCounted(t *testing.T) {
	server := cachetest.Redis(t)
	var rec recorder
	store := restless(t, server.Addr, &rec)
	ctx := t.Context()
	_, _, _ = store.Get(ctx, "k")
	_ = store.Set(ctx, "k", []byte("v"), time.Hour)
	_, _, _ = store.Get(ctx, "k")
	_ = store.Delete(ctx, "k")
	server.Stop()
	cachetest.Eventually(t, func() bool { return !store.Healthy() })
	_, _, _ = store.Get(ctx, "k")
	for _, want := range []string{"get miss", "set success", "get hit", "delete success", "get error"} {
		if rec.count(want) != 1 {
			t.Errorf("%q was counted %d times, want once", want, rec.count(want))
		}
	}
}

type recorder struct {
	mu   sync.Mutex
	seen map[string]int
}

func (r *recorder) Cache(operation, result string, _ time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil {
		r.seen = map[string]int{}
	}
	r.seen[operation+" "+result]++
}

func (r *recorder) count(what string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen[what]
}
