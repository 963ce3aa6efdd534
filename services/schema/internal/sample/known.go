package sample

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
	"github.com/platformbuilds/mirador-core/services/schema/internal/drift"
)

// atOnce questions are asked of one service.
const atOnce = 4

// contents is what is defined, by key.
type contents map[definition.Key]definition.Content

func (c contents) change(k definition.Key) definition.Change {
	return definition.Change{Key: k, Content: c[k]}
}

func (c contents) note(list []definition.Definition) {
	for _, d := range list {
		c[d.Key] = d.Content
	}
}

// metrics has the label keys that were seen and those that are defined.
func (b *book) metrics(ctx context.Context) ([]entry, error) {
	names := slices.Compact(slices.Sorted(slices.Values(b.Metrics)))
	if len(names) == 0 {
		seen, err := b.seen.Metrics(ctx, b.window)
		if err != nil {
			return nil, err //nolint:wrapcheck // a fault for the caller
		}
		names = b.cut(seen)
	}
	labels, err := b.inside(ctx, names, func(ctx context.Context, metric string) (drift.Names, error) {
		return b.seen.Labels(ctx, b.window, metric)
	})
	if err != nil {
		return nil, err
	}
	known := contents{}
	for chunk := range slices.Chunk(names, MaxMetrics) {
		found, err := b.defined.Lookup(ctx, chunk, b.MinEpoch)
		if err != nil {
			return nil, err //nolint:wrapcheck // a fault for the caller
		}
		known.note(found.Metrics)
		known.note(found.Labels)
		for _, l := range found.Labels {
			labels[l.Parent] = append(labels[l.Parent], l.Name)
		}
	}
	return entries(names, labels, known), nil
}

func entries(names []string, labels map[string][]string, known contents) []entry {
	out := make([]entry, 0, len(names))
	for _, name := range names {
		e := entry{own: known.change(definition.Key{Kind: definition.Metric, Name: name})}
		for _, l := range slices.Compact(slices.Sorted(slices.Values(labels[name]))) {
			e.labels = append(e.labels, known.change(definition.Key{Kind: definition.Label, Parent: name, Name: l}))
		}
		out = append(out, e)
	}
	return out
}

// plain is for kinds without parents.
func (b *book) plain(ctx context.Context, seen drift.Names, err error) ([]entry, error) {
	if err != nil {
		return nil, err
	}
	known, err := b.all(ctx, b.Kind.Defines())
	if err != nil {
		return nil, err
	}
	var out []entry
	for _, name := range b.cut(seen) {
		out = append(out, entry{own: known.change(definition.Key{Kind: b.Kind.Defines(), Name: name})})
	}
	return out, nil
}

// operations are those of services that are defined: others could not be
// uploaded.
func (b *book) operations(ctx context.Context) ([]entry, error) {
	services, err := b.all(ctx, definition.Service)
	if err != nil {
		return nil, err
	}
	known, err := b.all(ctx, definition.Operation)
	if err != nil {
		return nil, err
	}
	seen, err := b.seen.Services(ctx)
	if err != nil {
		return nil, err //nolint:wrapcheck // a fault for the caller
	}
	all := b.cut(seen)
	names := slices.DeleteFunc(slices.Clone(all), func(name string) bool {
		_, ok := services[definition.Key{Kind: definition.Service, Name: name}]
		return !ok
	})
	if n := len(all) - len(names); n > 0 {
		b.warnings = append(b.warnings, fmt.Sprintf("%d services are left out, define them first", n))
	}
	inside, err := b.inside(ctx, names, b.seen.Operations)
	var out []entry
	for _, service := range slices.Sorted(maps.Keys(inside)) {
		for _, name := range inside[service] {
			out = append(out, entry{own: known.change(definition.Key{Kind: definition.Operation, Parent: service, Name: name})})
		}
	}
	return out, err
}

// inside asks for the children of each parent, sorted.
func (b *book) inside(ctx context.Context, parents []string, ask func(ctx context.Context, parent string) (drift.Names, error)) (map[string][]string, error) {
	if len(parents) > maxParents {
		b.warnings = append(b.warnings, fmt.Sprintf("only the first %d of %d names were looked into", maxParents, len(parents)))
		parents = parents[:maxParents]
	}
	answers, errs := make([]drift.Names, len(parents)), make([]error, len(parents))
	each(len(parents), func(i int) { answers[i], errs[i] = ask(ctx, parents[i]) })
	out := make(map[string][]string, len(parents))
	for i, parent := range parents {
		if errs[i] != nil {
			return nil, errs[i]
		}
		out[parent] = b.cut(answers[i])
	}
	return out, nil
}

// all reads the definitions of a kind, every one: a row without what is defined
// would take it away when it is uploaded. The store bounds how many there are.
func (b *book) all(ctx context.Context, kind definition.Kind) (contents, error) {
	out := contents{}
	s := definition.Selection{Kind: kind, Limit: definition.MaxPage}
	for {
		page, err := b.defined.List(ctx, s, b.MinEpoch)
		if err != nil {
			return nil, err //nolint:wrapcheck // a fault for the caller
		}
		out.note(page.Definitions)
		if !page.More {
			return out, nil
		}
		s.After = &page.Definitions[len(page.Definitions)-1].Key
	}
}

// each calls f for 0..n-1, a few at once, and returns when all are done.
func each(n int, f func(i int)) {
	var wg sync.WaitGroup
	free := make(chan struct{}, atOnce)
	for i := range n {
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			f(i)
		})
	}
	wg.Wait()
}
