package definition

import (
	"context"
	"errors"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
)

// Registry is the operations on definitions. Every one acts for the tenant of
// the caller's identity and no other.
type Registry struct{ store Store }

// NewRegistry returns a registry on a store.
func NewRegistry(s Store) *Registry { return &Registry{store: s} }

// UpsertMetric defines a metric together with labels; labels that are not
// given keep their definitions. tenant is what the request named, if anything.
// It gives the epoch that includes the change.
func (r *Registry) UpsertMetric(ctx context.Context, tenant string, m Metric, labels []Label) (uint64, error) {
	var c check
	c.metric(m)
	c.labels(labels)
	for i := range labels {
		labels[i].Metric = m.Name
	}
	return r.put(ctx, tenant, Change{Metric: &m, Labels: labels}, c.err())
}

// UpsertLabel defines one label of a metric, which need not be defined itself.
// It gives the epoch that includes the change.
func (r *Registry) UpsertLabel(ctx context.Context, tenant string, l Label) (uint64, error) {
	var c check
	c.name("/metric", l.Metric)
	c.label("", l)
	return r.put(ctx, tenant, Change{Labels: []Label{l}}, c.err())
}

// put refuses a foreign tenant before it says anything about the content.
func (r *Registry) put(ctx context.Context, tenant string, change Change, invalid error) (uint64, error) {
	id, err := identity.Require(ctx)
	if err != nil {
		return 0, err
	}
	if err := id.SameTenant("/tenantId", tenant); err != nil {
		return 0, err
	}
	if invalid != nil {
		return 0, invalid
	}
	change.Tenant, change.Author = id.Tenant, id.User
	epoch, err := r.store.Put(ctx, change)
	return epoch, broken("upsert failed", err)
}

// Metric gives the newest definition of a metric and its owner's name. The
// answer includes everything up to minEpoch.
func (r *Registry) Metric(ctx context.Context, name string, minEpoch uint64) (tenant string, m Metric, err error) {
	id, err := identity.Require(ctx)
	if err != nil {
		return "", m, err
	}
	var c check
	if c.name("/metric", name); c.err() != nil {
		return "", m, c.err()
	}
	m, err = r.store.Metric(ctx, id.Tenant, name, minEpoch)
	return id.Tenant, m, broken("definition not readable", err)
}

// Label gives the newest definition of a label of a metric and its owner's
// name. The answer includes everything up to minEpoch.
func (r *Registry) Label(ctx context.Context, key Key, minEpoch uint64) (tenant string, l Label, err error) {
	id, err := identity.Require(ctx)
	if err != nil {
		return "", l, err
	}
	var c check
	c.name("/metric", key.Metric)
	if c.name("/label", key.Label); c.err() != nil {
		return "", l, c.err()
	}
	l, err = r.store.Label(ctx, id.Tenant, key, minEpoch)
	return id.Tenant, l, broken("definition not readable", err)
}

// Lookup gives what is defined of at most 200 metrics. The answer names the
// epoch that it includes, which is older than minEpoch when the store does not
// get there in a moment.
func (r *Registry) Lookup(ctx context.Context, metrics []string, minEpoch uint64) (tenant string, f Found, err error) {
	id, err := identity.Require(ctx)
	if err != nil {
		return "", f, err
	}
	if len(metrics) > maxLookup {
		return "", f, fault.New(fault.CodeInvalidRequest, invalid).
			WithField("/metrics", "must not have more than %d entries", maxLookup)
	}
	f, err = r.store.Lookup(ctx, id.Tenant, metrics, minEpoch)
	return id.Tenant, f, broken("definitions not readable", err)
}

// broken gives an error of the store the face that callers know.
func broken(message string, err error) error {
	var f *fault.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrNotFound):
		return missing()
	case errors.As(err, &f), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return err
	}
	return fault.New(fault.CodeInternal, message).Wrap(err)
}
