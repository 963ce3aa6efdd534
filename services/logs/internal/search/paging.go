package search

import (
	"context"
	"slices"
	"time"

	"github.com/platformbuilds/mirador-core/services/logs/internal/window"
)

// paging is one page in the making.
type paging struct {
	search  *Search
	request Request
	need    int
	taken   []entry
	// before are the rows that pages before had of the time at which this begins.
	before []entry
	// whole tells that no other row has the time of the last one taken.
	whole bool
	page  Page
}

func (p *paging) run(ctx context.Context) error {
	below, err := p.resume(ctx)
	if err != nil || p.need == 0 {
		return err
	}
	rest, ok := within(p.request.Window, window.Window{Start: p.request.Window.Start, End: below})
	if !ok {
		return nil
	}
	return p.newest(ctx, rest)
}

// resume takes what the page before left of its last time, and gives the time
// below which the rest lies.
func (p *paging) resume(ctx context.Context) (below time.Time, err error) {
	w, skip, ok := p.begin()
	if !ok {
		return p.request.Window.End, nil
	}
	below = w.Start.Add(-1)
	if skip == nil {
		return below, nil
	}
	return below, p.group(ctx, w, skip)
}

// begin gives the group in which the page before ended, and how many of its
// rows were delivered; without a function the group is done.
func (p *paging) begin() (w window.Window, skip func([]entry) int, ok bool) {
	switch c, a := p.request.Cursor, p.request.After; {
	case c != nil && c.Whole:
		return instant(c.Time), nil, true
	case c != nil:
		return instant(c.Time), c.delivered, true
	case a != nil:
		return milliWindow(a.Milli), func(g []entry) int { return min(max(a.Offset, 0), len(g)) }, true
	}
	return w, nil, false
}

// newest takes the newest rows of the window. One more than needed is asked
// for: it tells which time the back end may have cut.
func (p *paging) newest(ctx context.Context, w window.Window) error {
	rows, err := p.read(ctx, Span{Query: p.request.Query, Window: w, Limit: p.need + 1})
	if err != nil {
		return err
	}
	if len(rows) <= p.need {
		p.take(rows)
		p.whole = len(rows) > 0
		return nil
	}
	oldest := rows[len(rows)-1].ns
	cut, _ := slices.BinarySearchFunc(rows, oldest, func(e entry, ns int64) int { return compareTime(e.ns, ns) })
	p.take(rows[:cut])
	if p.whole = p.need == 0; p.whole {
		return nil
	}
	return p.group(ctx, instant(oldest), func([]entry) int { return 0 })
}

// group takes from all rows of a short window, but those that skip counts.
func (p *paging) group(ctx context.Context, w window.Window, skip func([]entry) int) error {
	w, ok := within(p.request.Window, w)
	if !ok {
		return nil
	}
	limit := p.search.bounds.Group
	rows, err := p.read(ctx, Span{Query: p.request.Query, Window: w, Limit: limit + 1})
	switch {
	case err != nil:
		return err
	case len(rows) > limit:
		return p.byStream(ctx, w, skip)
	}
	p.rest(rows, skip)
	return nil
}

func (p *paging) rest(rows []entry, skip func([]entry) int) {
	n := skip(rows)
	p.before = rows[:n]
	p.take(rows[n:])
}

// take adds rows until the page is full.
func (p *paging) take(rows []entry) {
	n := min(p.need, len(rows))
	p.taken = append(p.taken, rows[:n]...)
	p.need -= n
}

// cursor after the last row taken.
func (p *paging) cursor() *Cursor {
	last := p.taken[len(p.taken)-1]
	c := &Cursor{Window: p.request.Window, Time: last.ns, Stream: last.stream, Last: last.sum(), Whole: p.whole}
	for _, list := range [][]entry{p.taken, p.before} {
		for _, e := range list {
			if e.ns == last.ns && e.stream == last.stream {
				c.OfStream++
			}
			if e.compare(last) == 0 {
				c.Same++
			}
		}
	}
	c.OfMilli = p.ofMilli(milli(last.ns))
	return c
}

// ofMilli counts the rows of the millisecond that were delivered, with those
// of the pages before when the whole page lies within it.
func (p *paging) ofMilli(ms int64) int {
	n := 0
	for i := len(p.taken) - 1; i >= 0 && milli(p.taken[i].ns) == ms; i-- {
		n++
	}
	if n < len(p.taken) {
		return n
	}
	switch c, a := p.request.Cursor, p.request.After; {
	case c != nil && milli(c.Time) == ms:
		n += c.OfMilli
	case c == nil && a != nil && a.Milli == ms:
		n += max(a.Offset, 0)
	}
	return n
}
