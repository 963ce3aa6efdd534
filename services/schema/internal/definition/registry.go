package definition

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
)

// Registry is the operations on definitions. Every one acts for the tenant of
// the caller's identity and no other.
type Registry struct{ store Store }

// NewRegistry returns a registry on a store.
func NewRegistry(s Store) *Registry { return &Registry{store: s} }

// Upsert defines a key and, for a metric, labels of it; labels that are not
// given keep their definitions. tenant is what the request named, if anything.
// The first entry of the outcome is the key's.
func (r *Registry) Upsert(ctx context.Context, tenant string, c Change, labels []Change) (Outcome, error) {
	id, err := owner(ctx, tenant)
	if err != nil {
		return Outcome{}, err
	}
	faults := check{fields: Check(c)}
	faults.labels(labels)
	if err := faults.err(); err != nil {
		return Outcome{}, err
	}
	changes := []Change{c}
	for _, l := range labels {
		l.Key.Kind, l.Key.Parent = Label, c.Key.Name
		changes = append(changes, l)
	}
	if err := r.parents(ctx, id.Tenant, changes); err != nil {
		return Outcome{}, err
	}
	out, err := r.store.Apply(ctx, Batch{Tenant: id.Tenant, Author: id.User, Changes: changes})
	return out, broken("upsert failed", err)
}

// owner refuses a foreign tenant before anything is said about the content.
func owner(ctx context.Context, tenant string) (*identity.Identity, error) {
	id, err := identity.Require(ctx)
	if err != nil {
		return nil, err
	}
	return id, id.SameTenant("/tenantId", tenant)
}

// parents refuses operations of services that are not defined.
func (r *Registry) parents(ctx context.Context, tenant string, changes []Change) error {
	services := map[string]bool{}
	for _, c := range changes {
		if c.Key.Kind == Operation && !c.Delete {
			services[c.Key.Parent] = true
		}
	}
	defined, err := r.services(ctx, tenant, slices.Collect(maps.Keys(services)))
	if err != nil {
		return err
	}
	for name := range services {
		if !defined[name] {
			return fault.New(fault.CodeInvalidRequest, invalid).
				WithField("/service", "must be a service that is defined").WithDetail("the service %q is not defined", name)
		}
	}
	return nil
}

// Services tells which of the services are defined at this moment, also by a
// write that any replica has just acknowledged.
func (r *Registry) Services(ctx context.Context, names []string) (map[string]bool, error) {
	id, err := identity.Require(ctx)
	if err != nil {
		return nil, err
	}
	return r.services(ctx, id.Tenant, names)
}

func (r *Registry) services(ctx context.Context, tenant string, names []string) (map[string]bool, error) {
	if len(names) == 0 {
		return nil, nil
	}
	if err := r.store.Refresh(ctx); err != nil {
		return nil, broken("upsert failed", err)
	}
	defined := make(map[string]bool, len(names))
	for _, name := range names {
		_, err := r.store.Get(ctx, View{Tenant: tenant}, Key{Kind: Service, Name: name})
		if err != nil && !errors.Is(err, ErrNotFound) {
			return nil, broken("upsert failed", err)
		}
		defined[name] = err == nil
	}
	return defined, nil
}

// ApplyAll stores changes that Check and Services have found good, in batches
// that are each stored whole. On an error the outcome says what was stored
// before it.
func (r *Registry) ApplyAll(ctx context.Context, changes []Change) (Outcome, error) {
	var all Outcome
	id, err := identity.Require(ctx)
	if err != nil {
		return all, err
	}
	for _, b := range Split(id.Tenant, id.User, changes) {
		out, err := r.store.Apply(ctx, b)
		if err != nil {
			return all, broken("upsert failed", err)
		}
		all.Epoch = max(all.Epoch, out.Epoch)
		all.Applied = append(all.Applied, out.Applied...)
	}
	return all, nil
}

// Delete takes a definition away; its versions stay.
func (r *Registry) Delete(ctx context.Context, key Key, only Condition) (Outcome, error) {
	id, err := r.reader(ctx, key)
	if err != nil {
		return Outcome{}, err
	}
	out, err := r.store.Apply(ctx, Batch{Tenant: id.Tenant, Author: id.User,
		Changes: []Change{{Key: key, Delete: true, If: only}}})
	if err == nil && out.Changed() == 0 {
		return Outcome{}, missing()
	}
	return out, broken("delete failed", err)
}

// Restore makes the content of a version the newest one again.
func (r *Registry) Restore(ctx context.Context, key Key, number int64, only Condition) (Outcome, error) {
	if _, err := r.reader(ctx, key); err != nil {
		return Outcome{}, err
	}
	if err := r.store.Refresh(ctx); err != nil {
		return Outcome{}, broken("restore failed", err)
	}
	past, err := r.Version(ctx, key, number, 0)
	if err != nil {
		return Outcome{}, err
	}
	if past.Deleted {
		return Outcome{}, fault.New(fault.CodeInvalidRequest, "invalid version").
			WithDetail("version %d took the definition away and has no content", number)
	}
	return r.Upsert(ctx, "", Change{Key: key, Content: past.Content, If: only}, nil)
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
