package weaviate

import (
	"context"
	"errors"

	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// Get gives the newest definition; see definition.Store.
func (s *Store) Get(ctx context.Context, v definition.View, key definition.Key) (definition.Definition, error) {
	if err := s.projector.await(ctx, v.MinEpoch); err != nil {
		return definition.Definition{}, err
	}
	var p properties
	err := s.client.get(ctx, classes[key.Kind].head, headID(v.Tenant, key), &p)
	if err != nil && !errors.Is(err, errNoObject) {
		return definition.Definition{}, err
	}
	var d definition.Definition
	if err == nil && p.TenantID == v.Tenant && p.key(key.Kind) == key {
		if d, err = p.definition(key.Kind); err != nil {
			return d, err
		}
	}
	if d, err = s.newest(v.Tenant, key, d); err == nil && !d.Live() {
		err = definition.ErrNotFound
	}
	if err != nil {
		return definition.Definition{}, err
	}
	return d, nil
}

// newest gives what the log says when an object is older: a replica that ended
// while it wrote may have left it.
func (s *Store) newest(tenant string, key definition.Key, d definition.Definition) (definition.Definition, error) {
	head, err := s.fold.Head(tenant, key)
	if err != nil || head.Version <= d.Version {
		return d, err
	}
	s.projector.mend(address{tenant, key})
	return head, nil
}

// Version gives one version; see definition.Store.
func (s *Store) Version(ctx context.Context, v definition.View, key definition.Key, number int64) (definition.Past, error) {
	if err := s.projector.await(ctx, v.MinEpoch); err != nil {
		return definition.Past{}, err
	}
	return s.past(ctx, v.Tenant, key, number)
}

// past reads one version by its id.
func (s *Store) past(ctx context.Context, tenant string, key definition.Key, number int64) (definition.Past, error) {
	var p properties
	err := s.client.get(ctx, classes[key.Kind].version, versionID(tenant, key, number), &p)
	if errors.Is(err, errNoObject) || err == nil && (p.TenantID != tenant || p.key(key.Kind) != key) {
		err = definition.ErrNotFound
	}
	if err != nil {
		return definition.Past{}, err
	}
	version, content, err := p.past(key.Kind)
	return definition.Past{Version: version, Content: content}, err
}
