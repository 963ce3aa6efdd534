package store

import (
	"cmp"
	"container/heap"
	"slices"
)

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
