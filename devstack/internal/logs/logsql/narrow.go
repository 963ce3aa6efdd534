package logsql

import (
	"math"
)

// bounds narrows the time that f can match, as far as its conjunction tells.
func bounds(f filter) (start, end int64) {
	start, end = math.MinInt64, math.MaxInt64
	switch f := f.(type) {
	case timeFilter:
		return f.start, f.end
	case andFilter:
		for _, x := range f.of {
			s, e := bounds(x)
			start, end = max(start, s), min(end, e)
		}
	}
	return start, end
}

// streams are the selectors that every match must satisfy.
func streams(f filter) (all []selector) {
	switch f := f.(type) {
	case streamFilter:
		return []selector{f.selector}
	case andFilter:
		for _, x := range f.of {
			all = append(all, streams(x)...)
		}
	}
	return all
}

// Between leaves rows from start to end, both included and in unix
// nanoseconds, in subqueries too. The text stands for it in error texts.
func (q *Query) Between(start, end int64, text string) {
	q.window = text
	q.each(func(q *Query) {
		q.start, q.end = max(q.start, start), min(q.end, end)
	})
}

// And leaves rows that a filter matches too, in subqueries as well; the
// stream_context pipe goes past it, as on the real server.
func (q *Query) And(f Filter) {
	q.each(func(q *Query) { q.filter = allOf([]filter{f.of, q.filter}) })
}

// each visits the query and all within it.
func (q *Query) each(visit func(*Query)) {
	visit(q)
	subqueries(q.filter, func(in *inFilter) { in.query.each(visit) })
	for _, p := range q.pipes {
		if n, ok := p.(nesting); ok {
			n.nested(func(q *Query) { q.each(visit) }, func(f filter) {
				subqueries(f, func(in *inFilter) { in.query.each(visit) })
			})
		}
	}
}

// nesting is a pipe that has queries or filters within.
type nesting interface {
	nested(query func(*Query), filter func(filter))
}

func subqueries(f filter, visit func(*inFilter)) {
	switch f := f.(type) {
	case notFilter:
		subqueries(f.of, visit)
	case andFilter:
		for _, x := range f.of {
			subqueries(x, visit)
		}
	case orFilter:
		for _, x := range f.of {
			subqueries(x, visit)
		}
	case *inFilter:
		if f.query != nil {
			visit(f)
		}
	}
}

// Window returns the first and the last nanosecond that the query looks at.
func (q *Query) Window() (start, end int64) {
	start, end = bounds(q.filter)
	return max(start, q.start), min(end, q.end)
}
