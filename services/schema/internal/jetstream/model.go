package jetstream

import (
	"maps"
	"slices"

	"github.com/platformbuilds/mirador-core/libs/events"
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
	// epoch is the sequence of the newest change.
	epoch   uint64
	metrics map[string]*metric
	// count of metrics and labels that are defined.
	count int
}

// metric may be undefined itself and only hold labels; its version is 0 then.
type metric struct {
	head     definition.Metric
	versions []definition.Version
	labels   map[string]*label
}

type label struct {
	head     definition.Label
	versions []definition.Version
}

// tenant gives an empty one for a tenant that has nothing.
func (m *model) tenant(name string) *tenant {
	if t, ok := m.tenants[name]; ok {
		return t
	}
	return &tenant{}
}

func (t *tenant) metric(name string) *metric {
	if m, ok := t.metrics[name]; ok {
		return m
	}
	return &metric{}
}

func (t *tenant) label(key definition.Key) *label {
	if l, ok := t.metric(key.Metric).labels[key.Label]; ok {
		return l
	}
	return &label{}
}

// apply folds one record into the model. A record that cannot be read still
// counts: it stands in the log.
func (m *model) apply(r events.Record) (name string, err error) {
	m.applied = r.Sequence
	name, err = tenantOf(r.Subject)
	if err != nil {
		return "", err
	}
	t, ok := m.tenants[name]
	if !ok {
		t = &tenant{metrics: map[string]*metric{}}
		m.tenants[name] = t
	}
	t.epoch = r.Sequence
	c, err := decode(r.Data)
	if err != nil {
		return name, err
	}
	t.change(t.rest(c), r)
	return name, nil
}

// rest is what a change adds to the newest versions.
func (t *tenant) rest(c definition.Change) definition.Change {
	if c.Metric != nil {
		if old := t.metric(c.Metric.Name).head; old.Version > 0 && old.Same(*c.Metric) {
			c.Metric = nil
		}
	}
	c.Labels = slices.DeleteFunc(slices.Clone(c.Labels), func(l definition.Label) bool {
		old := t.label(definition.Key{Metric: l.Metric, Label: l.Name}).head
		return old.Version > 0 && old.Same(l)
	})
	return c
}

// fresh counts the definitions that a change would add.
func (t *tenant) fresh(c definition.Change) int {
	n := 0
	if c.Metric != nil && t.metric(c.Metric.Name).head.Version == 0 {
		n++
	}
	for _, l := range c.Labels {
		if t.label(definition.Key{Metric: l.Metric, Label: l.Name}).head.Version == 0 {
			n++
		}
	}
	return n
}

func (t *tenant) change(c definition.Change, r events.Record) {
	t.count += t.fresh(c)
	if c.Metric != nil {
		m := t.own(c.Metric.Name)
		next := *c.Metric
		next.Version, next.UpdatedAt = m.head.Version+1, r.Time
		m.head, m.versions = next, remember(m.versions, next.Version, c.Author, r)
	}
	for _, next := range c.Labels {
		m := t.own(next.Metric)
		l, ok := m.labels[next.Name]
		if !ok {
			l = &label{}
			m.labels[next.Name] = l
		}
		next.Version, next.UpdatedAt = l.head.Version+1, r.Time
		l.head, l.versions = next, remember(l.versions, next.Version, c.Author, r)
	}
}

func (t *tenant) own(name string) *metric {
	m, ok := t.metrics[name]
	if !ok {
		m = &metric{labels: map[string]*label{}}
		t.metrics[name] = m
	}
	return m
}

func remember(list []definition.Version, number int64, author string, r events.Record) []definition.Version {
	if len(list) >= maxVersions {
		list = slices.Delete(list, 0, len(list)-maxVersions+1)
	}
	return append(list, definition.Version{Number: number, Author: author, CreatedAt: r.Time, Sequence: r.Sequence})
}

// find gives what is defined of the names, each once, labels in order.
func (t *tenant) find(names []string) definition.Found {
	f := definition.Found{Epoch: t.epoch}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(names))) {
		m := t.metric(name)
		if m.head.Version > 0 {
			f.Metrics = append(f.Metrics, m.head)
		}
		for _, l := range slices.Sorted(maps.Keys(m.labels)) {
			f.Labels = append(f.Labels, m.labels[l].head)
		}
	}
	return f
}
