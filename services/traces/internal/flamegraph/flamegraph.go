// Package flamegraph folds traces into the tree that flame graphs are drawn of.
package flamegraph

import (
	"fmt"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/traces/internal/trace"
)

// Mode says what the value of a node is.
type Mode string

// The modes.
const (
	// Duration of the span.
	Duration Mode = "duration"
	// Self is the duration without those of the span's children, at least 0.
	Self Mode = "self"
)

// ParseMode reads a mode; "" is Duration. Anything else is a fault that names
// the field.
func ParseMode(field, text string) (Mode, error) {
	switch Mode(text) {
	case "", Duration:
		return Duration, nil
	case Self:
		return Self, nil
	}
	return "", fault.New(fault.CodeInvalidRequest, "Invalid flame graph mode").WithField(field, "must be duration or self")
}

// MaxDepth of a graph. Deeper spans stand beside each other at that depth,
// since hardly a reader of JSON takes more.
const MaxDepth = 500

// Node of a flame graph, one span or all of one name.
type Node struct {
	// Name is "<service>.<operation>"; at the root the whole time follows.
	Name string
	// Value in milliseconds: cut, but at least 1 for any time at all.
	Value int64
	// Children by start, or, of several traces, in the order of appearance.
	Children []*Node
	// SpanID of a node that is one span.
	SpanID string
	// Service of the span.
	Service string
}

// Of makes the graph of one trace: its root span, or a node over several
// roots. A trace without spans is nil.
func Of(t *trace.Tree, mode Mode) *Node {
	if len(t.Spans) == 0 {
		return nil
	}
	whole := millis(t.End() - t.Start())
	roots := fold(t, mode)
	if len(roots) == 1 {
		root := roots[0]
		root.Name = timed(root.Name, whole)
		if mode == Duration {
			root.Value = whole
		}
		return root
	}
	top := &Node{Name: timed("trace "+t.ID, whole), Children: roots}
	if mode == Duration {
		top.Value = whole
	}
	return top
}

func timed(name string, ms int64) string { return fmt.Sprintf("%s (%d ms)", name, ms) }

// fold makes a node of every span, and gives those of the roots.
func fold(t *trace.Tree, mode Mode) []*Node {
	nodes := make([]Node, len(t.Spans))
	for i := range t.Spans {
		s := &t.Spans[i]
		nodes[i] = Node{Name: s.Name(), Value: value(t, i, mode), SpanID: s.ID, Service: s.Service}
	}
	depths, holders := make([]int, len(nodes)), make([]*Node, len(nodes))
	for _, i := range t.Order {
		holder := &nodes[i]
		if p := t.Parents[i]; p != trace.None {
			if depths[i] = depths[p] + 1; depths[i] >= MaxDepth {
				holder = holders[p]
			}
		}
		holders[i] = holder
		for _, c := range t.Children(i) {
			holder.Children = append(holder.Children, &nodes[c])
		}
	}
	roots := make([]*Node, len(t.Roots))
	for i, r := range t.Roots {
		roots[i] = &nodes[r]
	}
	return roots
}

func value(t *trace.Tree, i int, mode Mode) int64 {
	micros := t.Spans[i].Duration
	if mode == Self {
		for _, c := range t.Children(i) {
			if micros -= t.Spans[c].Duration; micros <= 0 {
				return 0
			}
		}
	}
	return millis(micros)
}

func millis(micros int64) int64 {
	if micros > 0 {
		return max(1, micros/1000)
	}
	return 0
}
