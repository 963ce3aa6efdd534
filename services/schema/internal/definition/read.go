package definition

import (
	"context"
	"errors"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
)

// Bounds of reads.
const (
	// MaxPage bounds one page of a list.
	MaxPage = 1000
	// MaxHits bounds one search.
	MaxHits = 100
	// maxText bounds the text of a search, in bytes.
	maxText = 1024
)

// reader gives the caller, and refuses names that nothing can have.
func (r *Registry) reader(ctx context.Context, key Key) (*identity.Identity, error) {
	id, err := identity.Require(ctx)
	if err != nil {
		return nil, err
	}
	var c check
	c.key("", key)
	return id, c.err()
}

// Get gives the newest definition. The answer includes everything up to
// minEpoch.
func (r *Registry) Get(ctx context.Context, key Key, minEpoch uint64) (Definition, error) {
	id, err := r.reader(ctx, key)
	if err != nil {
		return Definition{}, err
	}
	d, err := r.store.Get(ctx, View{id.Tenant, minEpoch}, key)
	return d, broken("definition not readable", err)
}

// Versions lists the history of a definition, newest first, at most 1000.
func (r *Registry) Versions(ctx context.Context, key Key, minEpoch uint64) ([]Version, error) {
	id, err := r.reader(ctx, key)
	if err != nil {
		return nil, err
	}
	list, err := r.store.Versions(ctx, View{id.Tenant, minEpoch}, key)
	return list, broken("failed to list versions", err)
}

// Version gives one version of a definition with what it said.
func (r *Registry) Version(ctx context.Context, key Key, number int64, minEpoch uint64) (Past, error) {
	id, err := r.reader(ctx, key)
	if err != nil {
		return Past{}, err
	}
	if number < 1 {
		return Past{}, fault.New(fault.CodeInvalidRequest, "invalid version").WithField("version", "must be at least 1")
	}
	past, err := r.store.Version(ctx, View{id.Tenant, minEpoch}, key, number)
	if errors.Is(err, ErrNotFound) {
		return Past{}, fault.New(fault.CodeNotFound, "version not found")
	}
	return past, broken("version not readable", err)
}

// Diff compares two versions. to 0 is the newest, from 0 the one before to.
func (r *Registry) Diff(ctx context.Context, key Key, from, to int64, minEpoch uint64) (a, b Past, err error) {
	if to == 0 {
		list, err := r.Versions(ctx, key, minEpoch)
		if err != nil {
			return a, b, err
		}
		if len(list) == 0 {
			return a, b, missing()
		}
		to = list[0].Number
	}
	if from == 0 {
		from = max(1, to-1)
	}
	if a, err = r.Version(ctx, key, from, minEpoch); err != nil {
		return a, b, err
	}
	b, err = r.Version(ctx, key, to, minEpoch)
	return a, b, err
}

// List gives a page of definitions of one kind; limit 0 is a full page.
func (r *Registry) List(ctx context.Context, s Selection, minEpoch uint64) (Page, error) {
	id, err := identity.Require(ctx)
	if err != nil {
		return Page{}, err
	}
	if s.Limit == 0 {
		s.Limit = MaxPage
	}
	if s.Limit < 0 || s.Limit > MaxPage {
		return Page{}, fault.New(fault.CodeInvalidRequest, "invalid list request").
			WithField("limit", "must be between 1 and %d", MaxPage)
	}
	page, err := r.store.List(ctx, View{id.Tenant, minEpoch}, s)
	return page, broken("definitions not readable", err)
}

// Search ranks definitions by how well they fit a text; limit 0 means 20.
func (r *Registry) Search(ctx context.Context, q Query, minEpoch uint64) ([]Hit, error) {
	id, err := identity.Require(ctx)
	if err != nil {
		return nil, err
	}
	if err := q.check(); err != nil {
		return nil, err
	}
	if q.Limit == 0 {
		q.Limit = 20
	}
	hits, err := r.store.Search(ctx, View{id.Tenant, minEpoch}, q)
	return hits, broken("search failed", err)
}

func (q Query) check() error {
	f := fault.New(fault.CodeInvalidRequest, "invalid search request")
	if q.Limit < 0 || q.Limit > MaxHits {
		f = f.WithField("limit", "must be between 1 and %d", MaxHits)
	}
	if q.Text == "" || len(q.Text) > maxText {
		f = f.WithField("q", "must have 1 to %d bytes", maxText)
	}
	for _, k := range q.Kinds {
		if !k.Known() {
			f = f.WithField("kinds", "must be of metric, label, log_field, service, operation")
			break
		}
	}
	if len(f.Fields) == 0 {
		return nil
	}
	return f
}

// Lookup gives what is defined of at most 200 metrics. The answer names the
// epoch that it includes, which is older than minEpoch when the store does not
// get there in a moment.
func (r *Registry) Lookup(ctx context.Context, metrics []string, minEpoch uint64) (Found, error) {
	id, err := identity.Require(ctx)
	if err != nil {
		return Found{}, err
	}
	if len(metrics) > maxLookup {
		return Found{}, fault.New(fault.CodeInvalidRequest, invalid).
			WithField("/metrics", "must not have more than %d entries", maxLookup)
	}
	f, err := r.store.Lookup(ctx, View{id.Tenant, minEpoch}, metrics)
	return f, broken("definitions not readable", err)
}
