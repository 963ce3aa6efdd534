package definition

import (
	"context"
	"slices"
	"strings"
)

// View says what a read looks at: one tenant's definitions, including
// everything up to an epoch, if that can be had in a moment, and everything
// that the same Store has acknowledged.
type View struct {
	Tenant   string
	MinEpoch uint64
}

// Store keeps definitions per tenant. A tenant's epoch is the number of its
// newest write; it only grows. Every method is safe for concurrent use.
//
// All stores are projections of one log: a batch is one record of the log
// schema.<tenant>.<log>, appended only when nobody else appended since the
// versions it was planned on, and version numbers come only from folding the
// records in order with Change.On.
type Store interface {
	// Apply stores a batch whole or not at all. Changes that say nothing new
	// are left out; a batch of which nothing remains writes nothing. When the
	// condition of one change does not hold at the log's newest state, it gives
	// the fault precondition_failed. Once it returns, the batch shows in every
	// read of this Store.
	Apply(ctx context.Context, b Batch) (Outcome, error)
	// Refresh returns when this store includes everything that was acknowledged
	// before the call, through whatever replica. Unlike MinEpoch it fails when
	// that cannot be had.
	Refresh(ctx context.Context) error
	// Get gives the newest definition, or ErrNotFound, also for a deleted one.
	Get(ctx context.Context, v View, key Key) (Definition, error)
	// Versions lists the newest versions of a definition, newest first, at most
	// 1000, also of a deleted one. Nothing ever defined is an empty list.
	Versions(ctx context.Context, v View, key Key) ([]Version, error)
	// Version gives one of the versions that Versions lists with what it said,
	// or ErrNotFound.
	Version(ctx context.Context, v View, key Key, number int64) (Past, error)
	// List gives live definitions of one kind in the order of Key.Compare.
	List(ctx context.Context, v View, s Selection) (Page, error)
	// Search ranks live definitions by how well they fit a text, best first;
	// what does not fit at all is left out.
	Search(ctx context.Context, v View, q Query) ([]Hit, error)
	// Lookup gives the live definitions of metrics and of all their labels.
	Lookup(ctx context.Context, v View, metrics []string) (Found, error)
}

// Selection narrows a list.
type Selection struct {
	Kind Kind
	// Parent restricts labels to a metric and operations to a service; "" is
	// any.
	Parent string
	// Prefix of the name, compared byte by byte.
	Prefix string
	// Tag that must be among the tags, exactly.
	Tag string
	// After is the last key of the page before; nil for the first page.
	After *Key
	// Limit of definitions, at least 1.
	Limit int
}

// Fits tells whether a definition is selected, wherever the page begins.
func (s Selection) Fits(d Definition) bool {
	return d.Live() && d.Kind == s.Kind && (s.Parent == "" || d.Parent == s.Parent) &&
		strings.HasPrefix(d.Name, s.Prefix) && (s.Tag == "" || slices.Contains(d.Tags, s.Tag))
}

// one tells whether the selection stays within one parent, so that its names
// are in one row.
func (s Selection) one() bool { return s.Parent != "" || !s.Kind.HasParent() }

// First is a key before which nothing is selected.
func (s Selection) First() Key {
	first := Key{Kind: s.Kind, Parent: s.Parent}
	if s.one() {
		first.Name = s.Prefix
	}
	if s.After != nil && s.After.Compare(first) > 0 {
		return *s.After
	}
	return first
}

// Past tells that nothing is selected from this key on.
func (s Selection) Past(k Key) bool {
	return s.one() && (k.Parent != s.Parent || k.Name > s.Prefix && !strings.HasPrefix(k.Name, s.Prefix))
}

// Page of a list.
type Page struct {
	Definitions []Definition
	// More tells that the list goes on after the last one.
	More bool
}

// Query is a search.
type Query struct {
	// Text in any words.
	Text string
	// Kinds to look at; none means all.
	Kinds []Kind
	// Limit of hits, at least 1.
	Limit int
}

// Hit is a definition that fits a query.
type Hit struct {
	Definition
	// Score is positive; more is better. Scores of different queries cannot be
	// compared.
	Score float64
}

// Found is what a lookup gives: metrics by name, labels by metric and name.
type Found struct {
	Metrics, Labels []Definition
	// Epoch of the tenant that the answer includes.
	Epoch uint64
}
