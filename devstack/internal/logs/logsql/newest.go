package logsql

import (
	"context"
	"slices"
)

// mostKept is how many rows are kept to turn their order round.
const mostKept = 10_000

// Newest visits the n newest rows of the answer, the oldest of them first; it
// is false, and visits nothing, for queries whose pipes make that meaningless.
func (q *Query) Newest(ctx context.Context, from Source, n int, visit func(*Record) bool) (bool, error) {
	if slices.ContainsFunc(q.pipes, func(p pipe) bool { _, ok := p.(rowPipe); return !ok }) {
		return false, nil
	}
	c := &call{ctx: ctx, from: from, query: q}
	if err := c.prepare(); err != nil {
		return true, err
	}
	if n > mostKept && len(q.pipes) == 0 {
		c.twice(n, visit)
		return true, c.ctx.Err()
	}
	var kept []*Record
	out := sink(&visitor{func(r *Record) bool {
		kept = append(kept, r.clone())
		return len(kept) < n
	}})
	for _, p := range slices.Backward(q.pipes) {
		out = p.attach(c, out)
	}
	c.scan(true, out)
	for _, r := range slices.Backward(kept) {
		if !visit(r) {
			break
		}
	}
	return true, c.ctx.Err()
}

// twice finds the oldest of the n newest rows by counting, and sends the rows
// from there on: whatever n is, none is kept.
func (c *call) twice(n int, visit func(*Record) bool) {
	var last int64
	total, skip := 0, 0
	c.scan(true, &visitor{func(r *Record) bool {
		if total++; total <= n {
			last = r.Row.Time
			return true
		}
		if r.Row.Time == last {
			skip++
		}
		return r.Row.Time == last
	}})
	if total >= n {
		c.query.start = max(c.query.start, last)
	}
	c.scan(false, &cutSink{limit: n, skip: skip, next: &visitor{visit}})
}
