package logsql

import (
	"context"
	"slices"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// call is one run of a query.
type call struct {
	ctx   context.Context
	from  Source
	query *Query
	err   error
}

// sink takes the records that a pipe lets through.
type sink interface {
	// push is false when no more records are wanted.
	push(r *Record) bool
	// end comes once, after the last record.
	end()
}

// checkEvery is how many rows are scanned between looks at the context.
const checkEvery = 4096

// prepare asks for what the filters compare with.
func (c *call) prepare() error {
	c.answer(c.query.filter)
	for _, p := range c.query.pipes {
		if n, ok := p.(nesting); ok {
			n.nested(func(*Query) {}, c.answer)
		}
	}
	return c.err
}

// answer fills in(subquery) filters.
func (c *call) answer(f filter) {
	subqueries(f, func(in *inFilter) {
		if c.err == nil {
			c.err = c.fill(in)
		}
	})
}

func (c *call) fill(in *inFilter) error {
	name, err := in.query.column()
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	err = in.query.Run(c.ctx, c.from, func(r *Record) bool {
		seen[r.Get(name)] = true
		return true
	})
	in.values = in.values[:0]
	for v := range seen {
		in.values = append(in.values, v)
	}
	in.test = in.kind(in.values)
	return err
}

// column is the one field that a subquery of in() gives.
func (q *Query) column() (string, error) {
	if len(q.pipes) > 0 {
		if p, ok := q.pipes[len(q.pipes)-1].(oneColumn); ok {
			if name := p.column(); name != "" {
				return name, nil
			}
		}
	}
	return "", errorf("the subquery [%s] of in(...) must end with 'fields' or 'uniq' of a single field", q)
}

type oneColumn interface{ column() string }

// run scans, filters and pipes into out.
func (c *call) run(out sink) error {
	for _, p := range slices.Backward(c.query.pipes) {
		out = p.attach(c, out)
	}
	c.scan(c.order(), out)
	out.end()
	if c.err == nil {
		c.err = c.ctx.Err()
	}
	return c.err
}

// order is newest first when the query sorts so at once.
func (c *call) order() bool {
	if len(c.query.pipes) == 0 {
		return false
	}
	s, ok := c.query.pipes[0].(*sortPipe)
	return ok && s.newest()
}

func (c *call) scan(newest bool, out sink) {
	q := c.query
	start, end := q.Window()
	rec := &Record{tenant: c.from.Tenant}
	rows := 0
	c.from.Store.Scan(c.from.Tenant, store.Range{Start: start, End: end, Newest: newest, Keep: keep(q.filter)}, func(row *store.Row) bool {
		if rows++; rows%checkEvery == 0 && c.ctx.Err() != nil {
			return false
		}
		rec.of(row)
		return !q.filter.match(rec) || out.push(rec)
	})
}

func keep(f filter) func(*store.Stream) bool {
	all := streams(f)
	if len(all) == 0 {
		return nil
	}
	return func(s *store.Stream) bool {
		return !slices.ContainsFunc(all, func(x selector) bool { return !x.match(s) })
	}
}

// Newest visits the n newest rows of the answer, the oldest of them first; it
// is false, and visits nothing, for queries whose pipes make that meaningless.
func (q *Query) Newest(ctx context.Context, from Source, n int, visit func(*Record) bool) (bool, error) {
	if slices.ContainsFunc(q.pipes, func(p pipe) bool { _, ok := p.(rowPipe); return !ok }) {
		return false, nil
	}
	var kept []*Record
	c := &call{ctx: ctx, from: from, query: q}
	if err := c.prepare(); err != nil {
		return true, err
	}
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

// Tailable says whether every pipe looks at one row at a time.
func (q *Query) Tailable() error {
	for _, p := range q.pipes {
		if _, ok := p.(rowPipe); !ok {
			return errorf("the query [%s] cannot be used in live tailing; see https://docs.victoriametrics.com/victorialogs/querying/#live-tailing for details", q)
		}
	}
	return nil
}

// Tail makes a function that sends matching ones of the rows it is given
// through the pipes to visit.
func (q *Query) Tail(ctx context.Context, from Source, visit func(*Record)) (func(rows []store.Row), error) {
	c := &call{ctx: ctx, from: from, query: q}
	if err := c.prepare(); err != nil {
		return nil, err
	}
	out := sink(&visitor{func(r *Record) bool { visit(r); return true }})
	for _, p := range slices.Backward(q.pipes) {
		out = p.attach(c, out)
	}
	start, end := q.Window()
	rec := &Record{tenant: from.Tenant}
	return func(rows []store.Row) {
		for i := range rows {
			rec.of(&rows[i])
			if rows[i].Time >= start && rows[i].Time <= end && q.filter.match(rec) {
				out.push(rec)
			}
		}
	}, nil
}
