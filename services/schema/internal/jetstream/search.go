package jetstream

import (
	"context"
	"slices"
	"sync"

	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
	"github.com/platformbuilds/mirador-core/services/schema/internal/ranking"
)

// searcher is a tenant's search index. It is made when it is first needed and
// follows the definitions from search to search.
type searcher struct {
	mu    sync.Mutex
	index *ranking.Index[definition.Key]
}

func newSearcher() *searcher {
	return &searcher{index: ranking.New(definition.Key.Compare)}
}

// Search ranks definitions; see definition.Store.
func (s *Store) Search(ctx context.Context, v definition.View, q definition.Query) ([]definition.Hit, error) {
	var found *searcher
	if err := s.read(ctx, v, func(t *tenant) { found = t.search }); err != nil {
		return nil, err
	}
	found.mu.Lock()
	defer found.mu.Unlock()
	for _, d := range s.replica.changed(v.Tenant, found) {
		found.take(d)
	}
	hits := found.index.Search(q.Text, q.Limit, func(k definition.Key) bool {
		return len(q.Kinds) == 0 || slices.Contains(q.Kinds, k.Kind)
	})
	return s.complete(v.Tenant, hits)
}

func (x *searcher) take(d *definition.Definition) {
	if !d.Live() {
		x.index.Remove(d.Key)
		return
	}
	x.index.Put(d.Key, ranking.Text{Name: d.Name, Tags: d.Tags,
		Other: append([]string{d.Description, d.Purpose, d.Parent, d.Owner, d.Type}, d.Examples...)})
}

// complete gives what is found its newest content.
func (s *Store) complete(tenantName string, hits []ranking.Hit[definition.Key]) (out []definition.Hit, err error) {
	err = s.replica.read(tenantName, func(t *tenant) {
		for _, h := range hits {
			if d := t.head(h.Key); d.Live() {
				out = append(out, definition.Hit{Definition: d, Score: h.Score})
			}
		}
	})
	return out, err
}

// changed gives the definitions that an index has not seen in their newest
// form, all of them at first. An index of a model that was replaced sees no
// more changes.
func (r *replica) changed(name string, x *searcher) []*definition.Definition {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.current.tenant(name)
	if t == nobody || t.search != x {
		return nil
	}
	return t.unseen()
}

// unseen empties the list of what the index has to look at again.
func (t *tenant) unseen() (out []*definition.Definition) {
	if t.stale == nil {
		for _, s := range t.shelves {
			for _, e := range s.entries {
				out = append(out, e.head)
			}
		}
	}
	for key := range t.stale {
		out = append(out, t.entry(key).head)
	}
	t.stale = map[definition.Key]struct{}{}
	return out
}
