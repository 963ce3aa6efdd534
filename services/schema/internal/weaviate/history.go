package weaviate

import (
	"context"
	"errors"
	"fmt"

	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// maxVersions of one definition that are listed.
const maxVersions = 1000

// Versions lists the history of a definition; see definition.Store.
func (s *Store) Versions(ctx context.Context, v definition.View, key definition.Key) ([]definition.Version, error) {
	if err := s.projector.await(ctx, v.MinEpoch); err != nil {
		return nil, err
	}
	head, err := s.fold.Head(v.Tenant, key)
	if err != nil {
		return nil, err
	}
	list, err := s.listed(ctx, v.Tenant, key, head)
	if err != nil {
		return nil, err
	}
	return s.whole(ctx, v.Tenant, key, head.Version, list)
}

// listed are the versions that Weaviate finds by their key.
func (s *Store) listed(ctx context.Context, tenant string, key definition.Key, head definition.Definition) ([]definition.Version, error) {
	f := of(tenant)
	if head.Version > 0 {
		f = f.text("order", "Equal", order(key))
	} else {
		f = named(f, key)
	}
	class := classes[key.Kind]
	var answer map[string][]properties
	err := s.client.ask(ctx, fmt.Sprintf(`%s(%s,sort:[{path:["version"],order:desc}],limit:%d%s){tenantId name %s version author createdAt meta}`,
		class.version, f, maxVersions, s.client.level(), class.parent), &answer)
	if err != nil {
		return nil, err
	}
	return entries(answer[class.version], tenant, key)
}

// whole fills gaps in a history, newest first, that has the versions up to
// last: what was not found can still be read by its id.
func (s *Store) whole(ctx context.Context, tenant string, key definition.Key, last int64, found []definition.Version) ([]definition.Version, error) {
	if last == 0 || int64(len(found)) == min(last, maxVersions) && found[0].Number == last {
		return found, nil
	}
	known := map[int64]definition.Version{}
	for _, v := range found {
		known[v.Number] = v
	}
	var list []definition.Version
	for number := last; number > max(0, last-maxVersions); number-- {
		v, ok := known[number]
		if !ok {
			past, err := s.past(ctx, tenant, key, number)
			if errors.Is(err, definition.ErrNotFound) {
				continue
			}
			if err != nil {
				return nil, err
			}
			v = past.Version
		}
		list = append(list, v)
	}
	return list, nil
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
		if len(list) > 0 && list[len(list)-1].Number == v.Number {
			continue
		}
		list = append(list, v)
	}
	return list, nil
}
