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
