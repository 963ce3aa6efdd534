package definitions

import (
	"sync"
	"time"
)

// maxRemembered bounds the metrics that are remembered.
const maxRemembered = 8192

// memory keeps lookups per tenant and metric. What was looked up at an epoch
// holds for that epoch only, so a write shows at once.
type memory struct {
	maxAge time.Duration
	now    func() time.Time

	mu      sync.Mutex
	entries map[entryKey]entry
}

type entryKey struct{ tenant, metric string }

type entry struct {
	known Known
	epoch uint64
	at    time.Time
}

func newMemory(maxAge time.Duration, now func() time.Time) *memory {
	return &memory{maxAge: maxAge, now: now, entries: map[entryKey]entry{}}
}

// get gives what is known, how long all of it holds, and what is missing.
func (m *memory) get(tenant string, epoch uint64, metrics []string) (known map[string]Known, life time.Duration, missing []string) {
	known, life = make(map[string]Known, len(metrics)), m.maxAge
	now := m.now()
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, name := range metrics {
		e, ok := m.entries[entryKey{tenant, name}]
		if !ok || e.epoch < epoch || now.Sub(e.at) > m.maxAge {
			missing = append(missing, name)
			continue
		}
		known[name] = e.known
		life = min(life, m.maxAge-now.Sub(e.at))
	}
	return known, life, missing
}

func (m *memory) put(tenant string, epoch uint64, metrics []string, found map[string]Known) {
	now := m.now()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.makeRoom(len(metrics))
	for _, name := range metrics {
		m.entries[entryKey{tenant, name}] = entry{known: found[name], epoch: epoch, at: now}
	}
}

// makeRoom forgets any entries: what is in use is looked up again at once.
func (m *memory) makeRoom(n int) {
	for key := range m.entries {
		if len(m.entries)+n <= maxRemembered {
			return
		}
		delete(m.entries, key)
	}
}
