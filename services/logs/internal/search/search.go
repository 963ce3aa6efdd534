// Package search pages through rows, newest first, without losing or doubling
// one while new rows arrive.
//
// Rows have a total order: newest first, then by stream, then by content. The
// back end gives the newest rows of a window in no order and cuts anywhere
// among rows of one time, so the times at which a page begins and ends are read
// whole. The first page fixes the window; a cursor keeps it.
package search

import (
	"context"
	"time"

	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
	"github.com/platformbuilds/mirador-core/services/logs/internal/window"
)

// Span asks the store for rows of a window, whose ends are exact and inclusive.
type Span struct {
	// Query in LogsQL.
	Query string
	// Window to read.
	Window window.Window
	// Limit keeps so many of the newest rows, any of those at the oldest time; 0
	// keeps all.
	Limit int
}

// Store hands the matching rows to each, in any order. A row is valid during
// the call only.
type Store func(ctx context.Context, s Span, each func(*row.Row) error) error

// Bounds of a search.
type Bounds struct {
	// Group is the number of rows of one nanosecond and stream, or of one
	// millisecond when a page begins after a place, that can be put in order.
	Group int
	// Bytes of rows held at one time.
	Bytes int
}

// DefaultBounds of a search.
func DefaultBounds() Bounds { return Bounds{Group: 100_000, Bytes: 128 << 20} }

// Place is the contract's place in a result.
type Place struct {
	// Milli is the millisecond of the last row seen.
	Milli int64
	// Offset is the number of rows of that millisecond that were seen.
	Offset int
}

// Request for a page.
type Request struct {
	// Query in LogsQL: filters, and pipes that change rows one by one.
	Query string
	// Window of the whole search.
	Window window.Window
	// Limit of rows on the page, at least 1.
	Limit int
	// Cursor of the page before; nil on the first.
	Cursor *Cursor
	// After continues after a place; Cursor wins over it.
	After *Place
}

// Page of rows, in their order.
type Page struct {
	// Rows as JSON objects.
	Rows [][]byte
	// Cursor and After continue; nil when the page is not full.
	Cursor *Cursor
	After  *Place
	// Fields of the rows in no order.
	Fields map[string]struct{}
}

// Search is one way to page. It is safe for concurrent use.
type Search struct {
	store  Store
	bounds Bounds
}

// New returns a search over the store.
func New(store Store, b Bounds) *Search { return &Search{store: store, bounds: b} }

// Page reads one page. The error is a fault.
func (s *Search) Page(ctx context.Context, r Request) (Page, error) {
	p := &paging{search: s, request: r, need: r.Limit, page: Page{Fields: map[string]struct{}{}}}
	if err := p.run(ctx); err != nil {
		return Page{}, err
	}
	if len(p.taken) == r.Limit {
		p.page.Cursor = p.cursor()
		p.page.After = &Place{Milli: milli(p.page.Cursor.Time), Offset: p.page.Cursor.OfMilli}
	}
	for _, e := range p.taken {
		p.page.Rows = append(p.page.Rows, e.json)
	}
	return p.page, nil
}

func milli(ns int64) int64 { return time.Unix(0, ns).UnixMilli() }

// milliWindow is the millisecond that a time lies in.
func milliWindow(ms int64) window.Window {
	begin := time.UnixMilli(ms).UTC()
	return window.Window{Start: begin, End: begin.Add(time.Millisecond - 1)}
}

func instant(ns int64) window.Window {
	t := time.Unix(0, ns).UTC()
	return window.Window{Start: t, End: t}
}

// within is the common part of two windows; ok is false when there is none.
func within(a, b window.Window) (w window.Window, ok bool) {
	if w = a; b.Start.After(a.Start) {
		w.Start = b.Start
	}
	if b.End.Before(a.End) {
		w.End = b.End
	}
	return w, !w.End.Before(w.Start)
}
