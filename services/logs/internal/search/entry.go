package search

import (
	"bytes"
	"cmp"
	"context"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
	"github.com/platformbuilds/mirador-core/services/logs/internal/window"
)

// maxFields bounds the names that are collected.
const maxFields = 10_000

const msgFailed = "search failed"

// entry is a row with its place in the order.
type entry struct {
	ns     int64
	stream string
	// json is the row in its canonical form.
	json []byte
}

// compareTime puts the newest first.
func compareTime(a, b int64) int { return cmp.Compare(b, a) }

func (e entry) compare(o entry) int {
	return cmp.Or(compareTime(e.ns, o.ns), strings.Compare(e.stream, o.stream), bytes.Compare(e.json, o.json))
}

// sum stands for the content of the row.
func (e entry) sum() uint64 {
	h := fnv.New64a()
	_, _ = h.Write(e.json)
	return h.Sum64()
}

// read gives the rows of the span in their order.
func (p *paging) read(ctx context.Context, s Span) ([]entry, error) {
	var rows []entry
	held := 0
	err := p.search.store(ctx, s, func(r *row.Row) error {
		e, err := newEntry(r)
		if err != nil {
			return err
		}
		if held += len(e.json); held > p.search.bounds.Bytes {
			return tooLarge(p.search.bounds.Bytes)
		}
		for _, f := range r.Fields() {
			if len(p.page.Fields) < maxFields {
				p.page.Fields[f.Name] = struct{}{}
			}
		}
		rows = append(rows, e)
		return nil
	})
	slices.SortFunc(rows, entry.compare)
	return rows, err
}

func newEntry(r *row.Row) (entry, error) {
	text, _ := r.Get(row.Time)
	t, ok := row.ParseTime(text)
	if !ok {
		return entry{}, fault.New(fault.CodeQueryRejected, msgFailed).
			WithField("/query", "a pipe of the query leaves rows without their %s, by which pages are made", row.Time)
	}
	stream, _ := r.Get(row.StreamID)
	return entry{ns: t.UnixNano(), stream: stream, json: r.Canonical(nil)}, nil
}

func tooMany(limit int, w window.Window) error {
	return fault.New(fault.CodeQueryTooExpensive, msgFailed).
		WithDetail("more than %d rows have the time %s: they cannot be paged", limit, w.Start.Format(time.RFC3339Nano)).
		WithSuggestion("narrow the query, or export its rows")
}

func tooLarge(limit int) error {
	return fault.New(fault.CodeAnswerTooLarge, msgFailed).WithDetail("the rows of the page have more than %d bytes", limit).
		WithSuggestion("ask for fewer rows on a page")
}
