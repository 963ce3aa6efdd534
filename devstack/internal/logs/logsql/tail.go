package logsql

import (
	"context"
	"slices"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

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
