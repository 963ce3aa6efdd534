package flamegraph

import (
	"fmt"

	"github.com/platformbuilds/mirador-core/services/traces/internal/trace"
)

// Aggregate folds many traces into one graph: what has the same name below the
// same names is one node, with the sum of the values.
type Aggregate struct {
	mode   Mode
	limit  int
	root   *Node
	index  map[place]*Node
	traces int
	left   int
}

// place of a node: its name below a parent.
type place struct {
	parent *Node
	name   string
}

// NewAggregate returns an empty aggregate of at most limit nodes.
func NewAggregate(mode Mode, limit int) *Aggregate {
	return &Aggregate{mode: mode, limit: limit, root: &Node{}, index: map[place]*Node{}}
}

// Add folds one trace in. Spans that would need a node beyond the limit are
// counted in Left; their time is still part of their ancestors'.
func (a *Aggregate) Add(t *trace.Tree) {
	a.traces++
	nodes, depths := make([]*Node, len(t.Spans)), make([]int, len(t.Spans))
	for _, i := range t.Order {
		parent := a.root
		if p := t.Parents[i]; p != trace.None {
			parent, depths[i] = nodes[p], depths[p]+1
		}
		if depths[i] >= MaxDepth || parent == nil {
			a.left++
			continue
		}
		nodes[i] = a.add(parent, t, i)
	}
	for _, i := range t.Roots {
		a.root.Value += value(t, i, a.mode)
	}
}

func (a *Aggregate) add(parent *Node, t *trace.Tree, i int) *Node {
	s := &t.Spans[i]
	key := place{parent, s.Name()}
	n, ok := a.index[key]
	if !ok {
		if len(a.index) >= a.limit {
			a.left++
			return nil
		}
		n = &Node{Name: key.name, Service: s.Service}
		a.index[key] = n
		parent.Children = append(parent.Children, n)
	}
	n.Value += value(t, i, a.mode)
	return n
}

// Left counts spans that have no node.
func (a *Aggregate) Left() int { return a.left }

// Node gives the graph, named "aggregate (<n> traces)".
func (a *Aggregate) Node() *Node {
	name := fmt.Sprintf("aggregate (%d traces)", a.traces)
	if a.traces == 1 {
		name = "aggregate (1 trace)"
	}
	a.root.Name = name
	return a.root
}
