package jetstream

import (
	"context"
	"fmt"
	"slices"

	"github.com/platformbuilds/mirador-core/services/schema/internal/changelog"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// Get gives the newest definition; see definition.Store.
func (s *Store) Get(ctx context.Context, v definition.View, key definition.Key) (d definition.Definition, err error) {
	err = s.read(ctx, v, func(t *tenant) { d = t.head(key) })
	if err == nil && !d.Live() {
		err = definition.ErrNotFound
	}
	if err != nil {
		return definition.Definition{}, err
	}
	return d, nil
}

// Versions lists the history of a definition; see definition.Store.
func (s *Store) Versions(ctx context.Context, v definition.View, key definition.Key) (list []definition.Version, err error) {
	err = s.read(ctx, v, func(t *tenant) {
		if e := t.entry(key); e != nil {
			list = slices.Clone(e.versions)
		}
	})
	slices.Reverse(list)
	return list, err
}

// Version reads an old version from the log; see definition.Store.
func (s *Store) Version(ctx context.Context, v definition.View, key definition.Key, number int64) (p definition.Past, err error) {
	err = s.read(ctx, v, func(t *tenant) {
		if e := t.entry(key); e != nil {
			p = e.version(number)
		}
	})
	if err == nil && p.Number == 0 {
		err = definition.ErrNotFound
	}
	if err != nil || p.Deleted {
		return p, err
	}
	p.Content, err = s.content(ctx, p.Sequence, key)
	return p, err
}

// version finds one that is remembered; they are without gaps.
func (e *entry) version(number int64) (p definition.Past) {
	if i := number - e.versions[0].Number; i >= 0 && i < int64(len(e.versions)) {
		p.Version = e.versions[i]
	}
	return p
}

// content is what a record says of a key.
func (s *Store) content(ctx context.Context, sequence uint64, key definition.Key) (definition.Content, error) {
	r, err := s.log.Read(ctx, sequence)
	if err != nil {
		return definition.Content{}, err
	}
	b, err := changelog.Decode(r.Data)
	if err != nil {
		return definition.Content{}, fmt.Errorf("read record %d: %w", sequence, err)
	}
	for _, c := range b.Changes {
		if c.Key == key {
			return c.Content, nil
		}
	}
	return definition.Content{}, fmt.Errorf("record %d holds no %s %q", sequence, key.Kind, key.Name)
}

// List gives a page of definitions; see definition.Store.
func (s *Store) List(ctx context.Context, v definition.View, sel definition.Selection) (p definition.Page, err error) {
	err = s.read(ctx, v, func(t *tenant) {
		if shelf, ok := t.shelves[sel.Kind]; ok {
			p = shelf.page(sel)
		}
	})
	return p, err
}

// Lookup gives definitions of many metrics; see definition.Store.
func (s *Store) Lookup(ctx context.Context, v definition.View, metrics []string) (f definition.Found, err error) {
	err = s.read(ctx, v, func(t *tenant) { f = t.find(metrics) })
	return f, err
}

// find gives what is defined of the names, each once, in order.
func (t *tenant) find(names []string) definition.Found {
	f := definition.Found{Epoch: t.epoch}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(names))) {
		if m := t.head(definition.Key{Kind: definition.Metric, Name: name}); m.Live() {
			f.Metrics = append(f.Metrics, m)
		}
		for _, e := range t.shelves[definition.Label].children[name] {
			if e.head.Live() {
				f.Labels = append(f.Labels, *e.head)
			}
		}
	}
	slices.SortFunc(f.Labels, func(a, b definition.Definition) int { return a.Compare(b.Key) })
	return f
}

// read calls f with a tenant's definitions, which f must not keep. A change
// that was acknowledged elsewhere gets a moment to arrive.
func (s *Store) read(ctx context.Context, v definition.View, f func(*tenant)) error {
	s.await(ctx, v.MinEpoch)
	return s.replica.read(v.Tenant, f)
}

// await never fails: an answer says which epoch it includes.
func (s *Store) await(ctx context.Context, epoch uint64) {
	if s.replica.includes(epoch) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, epochWait)
	defer cancel()
	_ = s.replica.wait(ctx, epoch)
}
