package resultcache

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"
)

var errAway = errors.New("store is away")

// shelf is a store whose content and faults tests see and set.
type shelf struct {
	mu       sync.Mutex
	values   map[string][]byte
	ttls     map[string]time.Duration
	away     bool
	failing  bool
	getCalls int
	// setGate, when set, holds writes back until it is closed.
	setGate chan struct{}
}

func newShelf() *shelf {
	return &shelf{values: map[string][]byte{}, ttls: map[string]time.Duration{}}
}

func (s *shelf) Get(_ context.Context, key string) ([]byte, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.getCalls++
	if s.failing {
		return nil, false, errAway
	}
	v, ok := s.values[key]
	return v, ok, nil
}

func (s *shelf) Set(_ context.Context, key string, value []byte, ttl time.Duration) error {
	if s.setGate != nil {
		<-s.setGate
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failing {
		return errAway
	}
	s.values[key], s.ttls[key] = value, ttl
	return nil
}

func (s *shelf) Healthy() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.away
}

func (s *shelf) keys() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.values))
}

// fixed is a clock that stands still.
func fixed() time.Time { return time.Unix(1_800_000_000, 0) }

func newCache(t *testing.T, s Store, change ...func(*Options)) *Cache {
	t.Helper()
	opts := Options{Now: fixed, Jitter: func() float64 { return 0 }, FollowStream: time.Hour}
	for _, f := range change {
		f(&opts)
	}
	c := New(s, opts)
	t.Cleanup(c.Close)
	return c
}

func testKey() Key {
	return Key{Tenant: "demo", Account: "1:0", Route: "instant", Query: "up", Params: []string{"time", ""}, Epoch: 3}
}

func mustLead(t *testing.T, c *Cache, key Key) *Lead {
	t.Helper()
	hit, lead, err := c.Begin(t.Context(), key)
	if err != nil || hit != nil || lead == nil {
		t.Fatalf("hit %v, lead %v, error %v", hit, lead, err)
	}
	return lead
}

func mustHit(t *testing.T, c *Cache, key Key, want string) *Hit {
	t.Helper()
	hit, _, err := c.Begin(t.Context(), key)
	if err != nil || hit == nil || string(hit.Body) != want {
		t.Fatalf("hit %+v, error %v, want %q", hit, err, want)
	}
	return hit
}

// put stores an answer the way the relay does.
func put(t *testing.T, c *Cache, key Key, body string) {
	t.Helper()
	lead := mustLead(t, c, key)
	defer lead.Close()
	lead.Write([]byte(body))
	lead.Commit(0, 0, nil, time.Minute)
}
