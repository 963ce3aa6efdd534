package login

import (
	"crypto/sha256"
	"sync"
	"time"
)

// maxRemembered bounds the credentials that are remembered.
const maxRemembered = 65_536

type digest = [sha256.Size]byte

// remembered is a verified credential and the principal in force for it. It is
// immutable; a renewed one replaces it.
type remembered struct {
	principal *Principal
	// expires is when the credential ends.
	expires time.Time
	// renew is when the signed identity should be made anew.
	renew time.Time
}

// memory is a bounded map of verified credentials by their hash. At the bound
// it drops what has expired, else some at random: they are verified again.
type memory struct {
	mu    sync.RWMutex
	byKey map[digest]*remembered
	limit int
}

func newMemory() *memory { return &memory{byKey: map[digest]*remembered{}, limit: maxRemembered} }

func (m *memory) get(key digest) *remembered {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.byKey[key]
}

func (m *memory) put(key digest, r *remembered, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.byKey[key]; !ok && len(m.byKey) >= m.limit {
		m.makeRoom(now)
	}
	m.byKey[key] = r
}

func (m *memory) drop(key digest) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.byKey, key)
}

func (m *memory) makeRoom(now time.Time) {
	for key, r := range m.byKey {
		if !now.Before(r.expires) {
			delete(m.byKey, key)
		}
	}
	for key := range m.byKey {
		if len(m.byKey) <= m.limit*7/8 {
			return
		}
		delete(m.byKey, key)
	}
}
