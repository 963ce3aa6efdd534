package edge

import (
	"sync"
	"time"
)

const (
	encodedBytes = 32 << 20
	encodedLife  = time.Minute
)

// encodedKey names a stored body by where it lies. While an entry holds the
// body its memory is not used again, so the place is as good as the content,
// and costs nothing to compare.
type encodedKey struct {
	first  *byte
	length int
	coding string
}

type encodedEntry struct {
	key   encodedKey
	body  []byte
	made  time.Time
	plain []byte
}

// encodedMemory keeps the encoded form of bodies that are sent again and
// again. Bodies given to it must never change. It is bounded in bytes and
// drops the oldest first.
type encodedMemory struct {
	now func() time.Time

	mu    sync.Mutex
	byKey map[encodedKey]*encodedEntry
	order []*encodedEntry
	bytes int
}

func newEncodedMemory(now func() time.Time) *encodedMemory {
	return &encodedMemory{now: now, byKey: map[encodedKey]*encodedEntry{}}
}

// get returns the encoded form, and encodes when there is none yet.
func (m *encodedMemory) get(coding string, body []byte, encode func(string, []byte) []byte) []byte {
	key := encodedKey{&body[0], len(body), coding}
	m.mu.Lock()
	entry := m.byKey[key]
	m.mu.Unlock()
	if entry != nil {
		return entry.body
	}
	out := encode(coding, body)
	m.put(&encodedEntry{key: key, body: out, made: m.now(), plain: body})
	return out
}

func (m *encodedMemory) put(e *encodedEntry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.byKey[e.key] != nil || e.size() > encodedBytes/4 {
		return
	}
	m.byKey[e.key] = e
	m.order = append(m.order, e)
	m.bytes += e.size()
	for len(m.order) > 0 && (m.bytes > encodedBytes || e.made.Sub(m.order[0].made) > encodedLife) {
		oldest := m.order[0]
		m.order = m.order[1:]
		m.bytes -= oldest.size()
		delete(m.byKey, oldest.key)
	}
}

func (e *encodedEntry) size() int { return len(e.body) + len(e.plain) }
