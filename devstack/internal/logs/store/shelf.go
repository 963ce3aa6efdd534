package store

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

const (
	chunkRows  = 4096
	chunkBytes = 16 << 20
)

// shelf is what one tenant has: packed chunks, and the newest arrivals as they
// came until they fill a chunk.
type shelf struct {
	tenant   Tenant
	mu       sync.Mutex
	chunks   []*chunk // replaced, never changed in place below its length
	open     []Row
	sorted   bool
	size     int // bytes in open
	rows     int
	pending  []batch
	watchers map[*Subscription]struct{}
}

// batch is an Add that is not visible before due.
type batch struct {
	due  time.Time
	rows []Row
}

func (sh *shelf) settle(now time.Time, o Options) {
	n := 0
	for n < len(sh.pending) && !sh.pending[n].due.After(now) {
		sh.take(sh.pending[n].rows)
		n++
	}
	if n == 0 {
		return
	}
	sh.pending = slices.Delete(sh.pending, 0, n)
	sh.forget(now.Add(-o.Retention).UnixNano(), o.MaxRows)
}

func (sh *shelf) take(rows []Row) {
	for _, r := range rows {
		sh.sorted = sh.sorted && (len(sh.open) == 0 || sh.open[len(sh.open)-1].Time <= r.Time)
		sh.open = append(sh.open, r)
		sh.size += r.size()
		if len(sh.open) >= chunkRows || sh.size >= chunkBytes {
			sh.seal()
		}
	}
	sh.rows += len(rows)
	for w := range sh.watchers {
		w.offer(rows)
	}
}

func (sh *shelf) seal() {
	sh.chunks = append(sh.chunks, pack(sh.inOrder()))
	sh.open, sh.size, sh.sorted = nil, 0, true
}

// inOrder sorts a copy, because scans may still read the old one.
func (sh *shelf) inOrder() []Row {
	if !sh.sorted {
		sh.open = slices.Clone(sh.open)
		slices.SortStableFunc(sh.open, func(a, b Row) int { return cmp.Compare(a.Time, b.Time) })
		sh.sorted = true
	}
	return sh.open
}

// forget drops whole chunks that are too old, or too many.
func (sh *shelf) forget(before int64, maxRows int) {
	old := func(c *chunk) bool { return c.last() < before }
	if sh.rows > maxRows && len(sh.chunks) > 0 {
		oldest := slices.MinFunc(sh.chunks, func(a, b *chunk) int { return cmp.Compare(a.last(), b.last()) })
		before = max(before, oldest.last()+1)
	}
	if !slices.ContainsFunc(sh.chunks, old) {
		return
	}
	var kept []*chunk
	for _, c := range sh.chunks {
		if old(c) {
			sh.rows -= len(c.times)
			continue
		}
		kept = append(kept, c)
	}
	sh.chunks = kept
}

// snapshot is what a scan reads without holding the lock.
func (sh *shelf) snapshot() ([]*chunk, []Row) {
	return slices.Clip(sh.chunks), slices.Clip(sh.inOrder())
}

func (r *Row) size() int {
	n := 0
	for _, f := range r.Fields {
		n += len(f.Name) + len(f.Value)
	}
	return n
}
