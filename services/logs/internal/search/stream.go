package search

import (
	"context"
	"slices"

	"github.com/platformbuilds/mirador-core/services/logs/internal/logsql"
	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
	"github.com/platformbuilds/mirador-core/services/logs/internal/window"
)

// maxStreams of one time.
const maxStreams = 100_000

// byStream takes from the rows of one time stream by stream, because they are
// too many to be put in order together.
func (p *paging) byStream(ctx context.Context, w window.Window, skip func([]entry) int) error {
	limit := p.search.bounds.Group
	if !w.Start.Equal(w.End) {
		return tooMany(limit, w)
	}
	streams, err := p.streams(ctx, w)
	if err != nil {
		return err
	}
	for _, id := range streams {
		query := logsql.And(p.request.Query, row.StreamID+":"+logsql.Quote(id))
		rows, err := p.read(ctx, Span{Query: query, Window: w, Limit: limit + 1})
		if err != nil {
			return err
		}
		if len(rows) > limit {
			return tooMany(limit, w)
		}
		if p.rest(rows, skip); p.need == 0 {
			return nil
		}
	}
	return nil
}

// streams lists the streams that have rows of the time, in their order.
func (p *paging) streams(ctx context.Context, w window.Window) ([]string, error) {
	var ids []string
	s := Span{Query: p.request.Query + " | uniq by (" + row.StreamID + ")", Window: w}
	err := p.search.store(ctx, s, func(r *row.Row) error {
		if id, ok := r.Get(row.StreamID); ok {
			ids = append(ids, id)
		}
		if len(ids) > maxStreams {
			return tooMany(maxStreams, w)
		}
		return nil
	})
	slices.Sort(ids)
	return ids, err
}
