package jetstream

import (
	"slices"

	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/services/schema/internal/changelog"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// maxVersions of one definition that are remembered, the newest ones; the log
// keeps all.
const maxVersions = 1000

// model is what the log says, up to applied. It is not safe for concurrent use.
type model struct {
	applied uint64
	tenants map[string]*tenant
}

func newModel() *model { return &model{tenants: map[string]*tenant{}} }

// tenant is one tenant's definitions.
type tenant struct {
	// epoch is the sequence of the newest change, last that of each log.
	epoch uint64
	last  map[string]uint64
	// count of keys that have versions, also of deleted ones.
	count   int
	shelves map[definition.Kind]*shelf
	// stale holds the keys that changed since the search index looked; nil
	// while there is no index.
	stale  map[definition.Key]struct{}
	search *searcher
}

// entry is one key. The head is replaced and never changed in place.
type entry struct {
	head     *definition.Definition
	versions []definition.Version
}

// nobody stands for every tenant that has nothing.
var nobody = newTenant()

func newTenant() *tenant {
	t := &tenant{last: map[string]uint64{}, shelves: map[definition.Kind]*shelf{}, search: newSearcher()}
	for _, k := range definition.Kinds() {
		t.shelves[k] = newShelf()
	}
	return t
}

// tenant gives an empty one for a tenant that has nothing.
func (m *model) tenant(name string) *tenant {
	if t, ok := m.tenants[name]; ok {
		return t
	}
	return nobody
}

// head gives the newest version of a key, the zero Definition if there is none.
func (t *tenant) head(key definition.Key) definition.Definition {
	if e := t.entry(key); e != nil {
		return *e.head
	}
	return definition.Definition{}
}

func (t *tenant) entry(key definition.Key) *entry {
	s, ok := t.shelves[key.Kind]
	if !ok {
		return nil
	}
	return s.entries[key]
}

// apply folds one record into the model. A record that cannot be read still
// counts: it stands in the log.
func (m *model) apply(r events.Record) (name string, err error) {
	m.applied = r.Sequence
	name, log, err := changelog.ParseSubject(r.Subject)
	if err != nil {
		return "", err
	}
	t, ok := m.tenants[name]
	if !ok {
		t = newTenant()
		m.tenants[name] = t
	}
	t.epoch, t.last[log] = r.Sequence, r.Sequence
	b, err := changelog.Decode(r.Data)
	if err != nil {
		return name, err
	}
	for _, c := range b.Changes {
		t.change(c, b.Author, r)
	}
	return name, nil
}

func (t *tenant) change(c definition.Change, author string, r events.Record) {
	next, changed := c.On(t.head(c.Key))
	if !changed {
		return
	}
	next.UpdatedAt = r.Time
	e := t.entry(c.Key)
	if e == nil {
		e = t.shelves[c.Key.Kind].add(c.Key)
		t.count++
	}
	e.head = &next
	e.versions = remember(e.versions, definition.Version{Number: next.Version, Author: author,
		CreatedAt: r.Time, Deleted: next.Deleted, Sequence: r.Sequence})
	if t.stale != nil {
		t.stale[c.Key] = struct{}{}
	}
}

func remember(list []definition.Version, v definition.Version) []definition.Version {
	if len(list) >= maxVersions {
		list = slices.Delete(list, 0, len(list)-maxVersions+1)
	}
	return append(list, v)
}
