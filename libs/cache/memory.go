package cache

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// maxMemory bounds the entries of a Memory.
const maxMemory = 100_000

// errTTL refuses entries that would never end.
var errTTL = errors.New("cache: time to live must be positive")

// Memory is a Store within one process: for tests, for development without
// Valkey, and for what must hold while Valkey is away. At its bound it forgets
// what ends first among a few entries picked at random.
type Memory struct {
	now   func() time.Time
	limit int

	mu      sync.Mutex
	entries map[string]entry
	indexes map[string]map[string]time.Time
}

type entry struct {
	value []byte
	count int64
	ends  time.Time
}

// NewMemory returns an empty store. now is the clock, time.Now in production.
func NewMemory(now func() time.Time) *Memory {
	return &Memory{now: now, limit: maxMemory, entries: map[string]entry{}, indexes: map[string]map[string]time.Time{}}
}

// Get implements Store.
func (m *Memory) Get(_ context.Context, key string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.live(key)
	return slices.Clone(e.value), ok, nil
}

// Set implements Store.
func (m *Memory) Set(_ context.Context, key string, value []byte, ttl time.Duration) error {
	_, err := m.put(key, value, ttl, func(bool) bool { return true })
	return err
}

// Add implements Store.
func (m *Memory) Add(_ context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	return m.put(key, value, ttl, func(exists bool) bool { return !exists })
}

// Replace implements Store.
func (m *Memory) Replace(_ context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	return m.put(key, value, ttl, func(exists bool) bool { return exists })
}

// Delete implements Store.
func (m *Memory) Delete(_ context.Context, keys ...string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, key := range keys {
		delete(m.entries, key)
	}
	return nil
}

// GetDelete implements Store.
func (m *Memory) GetDelete(_ context.Context, key string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.live(key)
	delete(m.entries, key)
	return e.value, ok, nil
}

// Take implements Store.
func (m *Memory) Take(_ context.Context, key string, want, limit int64, ttl time.Duration) (Taken, error) {
	if ttl <= 0 {
		return Taken{}, errTTL
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.live(key)
	if !ok {
		e = entry{ends: m.now().Add(ttl)}
	}
	granted := grant(want, limit, e.count)
	e.count += granted
	m.makeRoom(key)
	m.entries[key] = e
	return Taken{Granted: granted, Used: e.count}, nil
}

func grant(want, limit, used int64) int64 {
	if want < 0 {
		return max(want, -used)
	}
	return max(0, min(want, limit-used))
}

// Healthy implements Store; memory is never away.
func (m *Memory) Healthy() bool { return true }

// Close implements Store; there is nothing to end.
func (m *Memory) Close() {}

func (m *Memory) put(key string, value []byte, ttl time.Duration, when func(exists bool) bool) (bool, error) {
	if ttl <= 0 {
		return false, errTTL
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, exists := m.live(key); !when(exists) {
		return false, nil
	}
	m.makeRoom(key)
	m.entries[key] = entry{value: slices.Clone(value), ends: m.now().Add(ttl)}
	return true, nil
}

func (m *Memory) live(key string) (entry, bool) {
	e, ok := m.entries[key]
	if !ok || m.now().Before(e.ends) {
		return e, ok
	}
	delete(m.entries, key)
	return entry{}, false
}

// makeRoom looks at a handful of entries only: a full sweep under the lock
// would stall everybody each time the bound is met.
func (m *Memory) makeRoom(key string) {
	if _, ok := m.entries[key]; ok || len(m.entries) < m.limit {
		return
	}
	victim, ends, seen := "", time.Time{}, 0
	for k, e := range m.entries {
		if victim == "" || e.ends.Before(ends) {
			victim, ends = k, e.ends
		}
		if seen++; seen == 16 {
			break
		}
	}
	delete(m.entries, victim)
}
