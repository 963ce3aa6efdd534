package trace

import (
	"cmp"
	"slices"
)

// None stands for no span.
const None = -1

// Tree is a trace whose spans are each there once, have a parent or are roots,
// and whose children lie where their parents can have waited for them.
type Tree struct {
	// ID of the trace.
	ID string
	// Spans without doubles; clocks are put right.
	Spans []Span
	// Parents by span: an index of Spans, or None.
	Parents []int
	// Roots by start: spans without a parent, or whose parent is not there.
	Roots []int
	// Order has every span, parents before their children, brothers by start.
	Order []int

	first    []int
	children []int
}

// Children of a span, by start.
func (t *Tree) Children(span int) []int { return t.children[t.first[span]:t.first[span+1]] }

// Start and End of all spans, in microseconds.
func (t *Tree) Start() int64 { return t.extreme(func(s *Span) int64 { return s.Start }, -1) }

// End of the last span.
func (t *Tree) End() int64 { return t.extreme((*Span).End, 1) }

func (t *Tree) extreme(of func(*Span) int64, sign int) int64 {
	var found int64
	for i := range t.Spans {
		if v := of(&t.Spans[i]); i == 0 || cmp.Compare(v, found) == sign {
			found = v
		}
	}
	return found
}

// NewTree makes the tree of a trace; it needs time n log n and memory n.
func NewTree(t *Trace) *Tree {
	tree := &Tree{ID: t.ID, Spans: distinct(t.Spans)}
	tree.Parents = parents(tree.Spans)
	cutCycles(tree.Spans, tree.Parents)
	tree.link()
	tree.align()
	tree.sort()
	return tree
}

// link lists roots, children and the order, by one pass each.
func (t *Tree) link() {
	n := len(t.Spans)
	t.first, t.children = make([]int, n+1), make([]int, 0, n)
	for _, p := range t.Parents {
		if p != None {
			t.first[p+1]++
		}
	}
	for i := range n {
		t.first[i+1] += t.first[i]
	}
	t.children = t.children[:t.first[n]]
	next := slices.Clone(t.first[:n])
	for i, p := range t.Parents {
		if p == None {
			t.Roots = append(t.Roots, i)
			continue
		}
		t.children[next[p]] = i
		next[p]++
	}
	t.order()
}

func (t *Tree) order() {
	t.Order = append(make([]int, 0, len(t.Spans)), t.Roots...)
	for at := 0; at < len(t.Order); at++ {
		t.Order = append(t.Order, t.Children(t.Order[at])...)
	}
}

func (t *Tree) sort() {
	byStart := func(a, b int) int {
		return cmp.Or(cmp.Compare(t.Spans[a].Start, t.Spans[b].Start), cmp.Compare(a, b))
	}
	slices.SortFunc(t.Roots, byStart)
	for i := range t.Spans {
		slices.SortFunc(t.Children(i), byStart)
	}
	t.order()
}
