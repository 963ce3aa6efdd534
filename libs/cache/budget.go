package cache

import "sync/atomic"

// Budget bounds what many calls hold together, in bytes. It is safe for
// concurrent use.
type Budget struct {
	limit int64
	used  atomic.Int64
}

// NewBudget returns a budget of limit bytes.
func NewBudget(limit int64) *Budget { return &Budget{limit: limit} }

// Take takes n bytes when they are left, all or none.
func (b *Budget) Take(n int) bool {
	if b.used.Add(int64(n)) <= b.limit {
		return true
	}
	b.used.Add(-int64(n))
	return false
}

// Give returns n bytes that were taken.
func (b *Budget) Give(n int) { b.used.Add(-int64(n)) }

// Used is what is taken now.
func (b *Budget) Used() int64 { return b.used.Load() }
