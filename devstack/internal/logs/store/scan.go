package store

import (
	"math"
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
