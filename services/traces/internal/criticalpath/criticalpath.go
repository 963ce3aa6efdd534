// Package criticalpath finds what a trace was waiting for. The walk is that of
// CRISP (Zhang et al., "CRISP: Critical Path Analysis of Large-Scale
// Microservice Architectures", USENIX ATC 2022, section 3): from the end of a
// span backwards, always into the child that finished last before the point
// reached; a child that was still running when the next one began was not
// waited for. Children are clipped to their parents.
//
// A trace with several roots, lost parents or messages handled after their
// sender had ended is walked over all of these; time that no span covers is a
// segment without a span.
package criticalpath

import (
	"cmp"
	"slices"

	"github.com/platformbuilds/mirador-core/services/traces/internal/trace"
)

// Segment is a stretch of time that one span was waited for.
type Segment struct {
	// Span is an index of the tree's spans, or trace.None for a gap.
	Span int
	// Start and Duration in microseconds; Start counts from that of the path.
	Start, Duration int64
}

// Path of a trace. Its segments follow each other without gaps, and their
// durations add up to its own.
type Path struct {
	// Start in microseconds since 1970.
	Start int64
	// Duration from the first start to the end of the last thing waited for.
	Duration int64
	// Segments in the order of time, none of them empty.
	Segments []Segment
}

// Of finds the path; it needs time n log n and memory n.
func Of(t *trace.Tree) Path {
	w := newWalk(t)
	if len(w.tops) == 0 {
		return Path{}
	}
	begin, end := t.Spans[w.tops[0]].Start, int64(0)
	for _, i := range w.tops {
		begin, end = min(begin, t.Spans[i].Start), max(end, t.Spans[i].End())
	}
	w.over(begin, end)
	slices.Reverse(w.found)
	for i := range w.found {
		w.found[i].Start -= begin
	}
	return Path{Start: begin, Duration: end - begin, Segments: w.found}
}

// walk goes from the end of a trace to its begin.
type walk struct {
	tree *trace.Tree
	// tops are roots, and what nobody waited for.
	tops []int
	// top tells which spans these are.
	top   []bool
	found []Segment
}

func newWalk(t *trace.Tree) *walk {
	w := &walk{tree: t, tops: slices.Clone(t.Roots), top: make([]bool, len(t.Spans))}
	for _, i := range t.Order {
		if p := t.Parents[i]; p != trace.None && detached(&t.Spans[i], &t.Spans[p]) {
			w.tops, w.top[i] = append(w.tops, i), true
		}
	}
	return w
}

// detached tells a child that its parent did not wait for: it ends later, and
// came by a queue or began when the parent had ended.
func detached(child, parent *trace.Span) bool {
	return child.End() > parent.End() && (child.Kind == trace.KindConsumer || child.Start >= parent.End())
}

// over walks the tops from end to begin: into the one that reaches furthest,
// back to its start, and on from there, cutting short what overlaps.
func (w *walk) over(begin, end int64) {
	byEnd := slices.Clone(w.tops)
	slices.SortFunc(byEnd, func(a, b int) int { return cmp.Compare(w.tree.Spans[b].End(), w.tree.Spans[a].End()) })
	for at, next := end, 0; at > begin; {
		for next < len(byEnd) && w.tree.Spans[byEnd[next]].Start >= at {
			next++
		}
		if next == len(byEnd) {
			w.add(trace.None, begin, at)
			return
		}
		i := byEnd[next]
		s := &w.tree.Spans[i]
		reach := min(s.End(), at)
		w.add(trace.None, reach, at)
		w.into(i, s.Start, reach)
		at, next = s.Start, next+1
	}
}

// frame is a span within [from, at) that is being walked.
type frame struct {
	span         int
	from, at, to int64
	// children that may come next, the last to end first.
	children []int
}

// into walks one span and all below it within [from, to).
func (w *walk) into(span int, from, to int64) {
	stack := []frame{w.frame(span, from, to)}
	for len(stack) > 0 {
		f := &stack[len(stack)-1]
		child, start, end, ok := w.next(f)
		if !ok {
			w.add(f.span, f.from, f.at)
			stack = stack[:len(stack)-1]
			continue
		}
		w.add(f.span, end, f.at)
		f.at = start
		stack = append(stack, w.frame(child, start, end))
	}
}

func (w *walk) frame(span int, from, to int64) frame {
	children := make([]int, 0, len(w.tree.Children(span)))
	for _, c := range w.tree.Children(span) {
		if !w.top[c] {
			children = append(children, c)
		}
	}
	reach := func(c int) int64 { return min(w.tree.Spans[c].End(), to) }
	slices.SortStableFunc(children, func(a, b int) int { return cmp.Compare(reach(b), reach(a)) })
	return frame{span: span, from: from, at: to, to: to, children: children}
}

// next child that ended before the point reached, clipped to the frame.
func (w *walk) next(f *frame) (child int, start, end int64, ok bool) {
	for len(f.children) > 0 {
		child, f.children = f.children[0], f.children[1:]
		s := &w.tree.Spans[child]
		start, end = max(s.Start, f.from), min(s.End(), f.to)
		if end <= f.at && start < end {
			return child, start, end, true
		}
	}
	return 0, 0, 0, false
}

// add a segment [from, to) in front of what was found.
func (w *walk) add(span int, from, to int64) {
	if from < to {
		w.found = append(w.found, Segment{Span: span, Start: from, Duration: to - from})
	}
}
