package metrics

import (
	"context"
	"strconv"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

const (
	accountLabel = "vm_account_id"
	projectLabel = "vm_project_id"
)

// reader reads the data of a scope: one tenant's, or everybody's with the
// tenant as two more labels.
type reader struct {
	store *store.Store
	at    scope
}

// Select reads samples; an unknown tenant has none.
func (r reader) Select(ctx context.Context, sel store.Selector, from, to int64) ([]store.Series, error) {
	if !r.at.every {
		return selectFrom(ctx, r.store.Get(r.at.tenant), sel, from, to)
	}
	var all []store.Series
	for _, t := range r.store.Tenants() {
		series, err := selectFrom(ctx, r.store.Get(t), ofTenant(sel, t), from, to)
		if err != nil {
			return nil, err
		}
		for _, s := range series {
			s.Labels = withTenant(s.Labels, t)
			all = append(all, s)
		}
	}
	return all, nil
}

// Series lists labels; an unknown tenant has none.
func (r reader) Series(ctx context.Context, sel store.Selector, from, to int64) ([]labels.Labels, error) {
	if !r.at.every {
		return listFrom(ctx, r.store.Get(r.at.tenant), sel, from, to)
	}
	var all []labels.Labels
	for _, t := range r.store.Tenants() {
		some, err := listFrom(ctx, r.store.Get(t), ofTenant(sel, t), from, to)
		if err != nil {
			return nil, err
		}
		for _, l := range some {
			all = append(all, withTenant(l, t))
		}
	}
	return all, nil
}

func selectFrom(ctx context.Context, db *store.DB, sel store.Selector, from, to int64) ([]store.Series, error) {
	if db == nil || len(sel) == 0 {
		return nil, nil
	}
	return db.Select(ctx, sel, from, to)
}

func listFrom(ctx context.Context, db *store.DB, sel store.Selector, from, to int64) ([]labels.Labels, error) {
	if db == nil || len(sel) == 0 {
		return nil, nil
	}
	return db.Series(ctx, sel, from, to)
}

// ofTenant takes the tenant's labels out of a selector and drops the groups that
// they exclude.
func ofTenant(sel store.Selector, t store.Tenant) (out store.Selector) {
	ids := map[string]string{accountLabel: number(t.Account), projectLabel: number(t.Project)}
	for _, group := range sel {
		rest, fits := []*labels.Matcher{}, true
		for _, m := range group {
			if id, tenancy := ids[m.Name]; tenancy {
				fits = fits && m.Matches(id)
				continue
			}
			rest = append(rest, m)
		}
		if fits {
			out = append(out, rest)
		}
	}
	return out
}

func withTenant(l labels.Labels, t store.Tenant) labels.Labels {
	return labels.NewBuilder(l).Set(accountLabel, number(t.Account)).Set(projectLabel, number(t.Project)).Labels()
}

func number(n uint32) string { return strconv.FormatUint(uint64(n), 10) }
