package weaviate

import (
	"context"
	"errors"
	"fmt"

	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// maxVersions of one definition that are listed.
const maxVersions = 1000

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
	var p properties
	err := s.client.get(ctx, classes[key.Kind].version, versionID(v.Tenant, key, number), &p)
	if errors.Is(err, errNoObject) || err == nil && (p.TenantID != v.Tenant || p.key(key.Kind) != key) {
		err = definition.ErrNotFound
	}
	if err != nil {
		return definition.Past{}, err
	}
	version, content, err := p.past(key.Kind)
	return definition.Past{Version: version, Content: content}, err
}

// Versions lists the history of a definition; see definition.Store.
func (s *Store) Versions(ctx context.Context, v definition.View, key definition.Key) ([]definition.Version, error) {
	if err := s.projector.await(ctx, v.MinEpoch); err != nil {
		return nil, err
	}
	head, err := s.fold.Head(v.Tenant, key)
	if err != nil {
		return nil, err
	}
	f := of(v.Tenant)
	if head.Version > 0 {
		f = f.text("order", "Equal", order(key))
	} else {
		f = named(f, key)
	}
	class := classes[key.Kind]
	var answer map[string][]properties
	err = s.client.ask(ctx, fmt.Sprintf(`%s(%s,sort:[{path:["version"],order:desc}],limit:%d%s){tenantId name %s version author createdAt meta}`,
		class.version, f, maxVersions, s.client.level(), class.parent), &answer)
	if err != nil {
		return nil, err
	}
	return entries(answer[class.version], v.Tenant, key)
}

// named finds versions of another program.
func named(f filter, key definition.Key) filter {
	if parent := classes[key.Kind].parent; parent != "" {
		f = f.text(parent, "Equal", key.Parent)
	}
	return f.text("name", "Equal", key.Name)
}

func entries(objects []properties, tenant string, key definition.Key) (list []definition.Version, err error) {
	for _, p := range objects {
		if p.TenantID != tenant || p.key(key.Kind) != key {
			continue
		}
		v, err := p.entry()
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}
