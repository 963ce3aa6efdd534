package store

import (
	"cmp"
	"container/heap"
	"math"
	"slices"
	"sort"
)

// Range says what a scan visits.
type Range struct {
	// Start and End are unix nanoseconds, both included.
	Start, End int64
	// Newest visits the newest row first, otherwise the oldest comes first.
	Newest bool
	// Keep, when set, is asked once per stream and chunk whether its rows matter.
	Keep func(*Stream) bool
}

// All is the whole of time, oldest first.
func All() Range { return Range{Start: math.MinInt64, End: math.MaxInt64} }

// Scan visits the visible rows of a tenant in order of time, rows of one time
// in order of arrival (Newest: the other way round), until visit returns
// false. No lock is held meanwhile; rows that arrive later are not seen. The
// row is only good during the call, its strings for as long as wanted.
func (s *Store) Scan(t Tenant, r Range, visit func(*Row) bool) {
	sh := s.shelf(t, false)
	if sh == nil {
		return
	}
	sh.mu.Lock()
	sh.settle(s.opts.Now(), s.opts)
	chunks, open := sh.snapshot()
	sh.mu.Unlock()
	s.visit(chunks, open, r, visit)
}

func (s *Store) visit(chunks []*chunk, open []Row, r Range, visit func(*Row) bool) {
	r.Start = max(r.Start, s.opts.Now().Add(-s.opts.Retention).UnixNano())
	m := newMerge(chunks, open, r)
	var row Row
	for m.next(&row) {
		if !visit(&row) {
			return
		}
	}
}

// source is a run of rows in order: a chunk, or the open rows.
type source struct {
	c        *chunk
	rows     []Row
	seq      int
	at, stop int // next row, and the one at which to end
	keep     []bool
}

func (s *source) time(i int) int64 {
	if s.c != nil {
		return s.c.times[i]
	}
	return s.rows[i].Time
}

func (s *source) len() int {
	if s.c != nil {
		return len(s.c.times)
	}
	return len(s.rows)
}

// narrow sets the rows of the range, and says whether there are any.
func (s *source) narrow(r Range) bool {
	n := s.len()
	from := sort.Search(n, func(i int) bool { return s.time(i) >= r.Start })
	to := sort.Search(n, func(i int) bool { return s.time(i) > r.End })
	s.at, s.stop = from, to
	if r.Newest {
		s.at, s.stop = to-1, from-1
	}
	return from < to
}

// merge is a heap of the sources that have begun, over a list of those to come.
type merge struct {
	r     Range
	later []*source
	begun []*source
}

func newMerge(chunks []*chunk, open []Row, r Range) *merge {
	m := &merge{r: r}
	for i, c := range chunks {
		if c.last() >= r.Start && c.first() <= r.End {
			m.offer(&source{c: c, seq: i})
		}
	}
	m.offer(&source{rows: open, seq: len(chunks)})
	slices.SortFunc(m.later, m.compare)
	return m
}

func (m *merge) offer(s *source) {
	if s.narrow(m.r) {
		m.later = append(m.later, s)
	}
}

// compare orders sources by their next row.
func (m *merge) compare(a, b *source) int {
	c := cmp.Or(cmp.Compare(a.time(a.at), b.time(b.at)), cmp.Compare(a.seq, b.seq))
	if m.r.Newest {
		return -c
	}
	return c
}

func (m *merge) next(row *Row) bool {
	for {
		for len(m.later) > 0 && (len(m.begun) == 0 || m.compare(m.later[0], m.begun[0]) < 0) {
			m.begin()
		}
		if len(m.begun) == 0 {
			return false
		}
		if m.step(row) {
			return true
		}
	}
}

func (m *merge) begin() {
	s := m.later[0]
	m.later = m.later[1:]
	if s.c != nil && m.r.Keep != nil {
		s.keep = make([]bool, len(s.c.streams))
		for i, stream := range s.c.streams {
			s.keep[i] = m.r.Keep(stream)
		}
	}
	heap.Push(m, s)
}

// step takes the first row off the heap; false when its stream does not matter.
func (m *merge) step(row *Row) bool {
	s := m.begun[0]
	ok := s.read(row, m.r.Keep)
	if m.r.Newest {
		s.at--
	} else {
		s.at++
	}
	if s.at == s.stop {
		heap.Pop(m)
	} else if len(m.begun) > 1 {
		heap.Fix(m, 0)
	}
	return ok
}

func (s *source) read(row *Row, keep func(*Stream) bool) bool {
	if s.c == nil {
		r := s.rows[s.at]
		row.Time, row.Stream, row.Fields = r.Time, r.Stream, append(row.Fields[:0], r.Fields...)
		return keep == nil || keep(r.Stream)
	}
	if s.keep != nil && !s.keep[s.c.of[s.at]>>16] {
		return false
	}
	s.c.unpack(s.at, row)
	return true
}

// Len, Less, Swap, Push and Pop make a heap of the sources that have begun.
func (m *merge) Len() int { return len(m.begun) }

// Less orders by the next row.
func (m *merge) Less(i, j int) bool { return m.compare(m.begun[i], m.begun[j]) < 0 }

// Swap changes two places.
func (m *merge) Swap(i, j int) { m.begun[i], m.begun[j] = m.begun[j], m.begun[i] }

// Push appends a *source.
func (m *merge) Push(s any) { m.begun = append(m.begun, s.(*source)) }

// Pop takes the last one.
func (m *merge) Pop() any {
	s := m.begun[len(m.begun)-1]
	m.begun = m.begun[:len(m.begun)-1]
	return s
}
