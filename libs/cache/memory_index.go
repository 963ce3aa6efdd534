package cache

import (
	"context"
	"slices"
	"time"
)

// Note implements Store.
func (m *Memory) Note(_ context.Context, index, member string, ttl time.Duration) error {
	if ttl <= 0 {
		return errTTL
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	members := m.members(index)
	if members == nil {
		members = map[string]time.Time{}
		m.roomForIndex()
		m.indexes[index] = members
	}
	members[member] = m.now().Add(ttl)
	if len(members) > MaxIndex {
		delete(members, byEnd(members)[MaxIndex])
	}
	return nil
}

// Forget implements Store.
func (m *Memory) Forget(_ context.Context, index, member string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.indexes[index], member)
	return nil
}

// Noted implements Store.
func (m *Memory) Noted(_ context.Context, index string) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return byEnd(m.members(index)), nil
}

// members drops what has ended and gives the rest.
func (m *Memory) members(index string) map[string]time.Time {
	members := m.indexes[index]
	for member, ends := range members {
		if !m.now().Before(ends) {
			delete(members, member)
		}
	}
	return members
}

func (m *Memory) roomForIndex() {
	if len(m.indexes) < m.limit {
		return
	}
	for index := range m.indexes {
		delete(m.indexes, index)
		return
	}
}

// byEnd lists members, those that end last first.
func byEnd(members map[string]time.Time) []string {
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return members[b].Compare(members[a]) })
	return names
}
