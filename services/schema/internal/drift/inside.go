package drift

import (
	"context"
	"sync"

	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// metrics compares metrics, then the labels of those that are both defined and
// seen, then the values of labels that are not free.
func (r *Reporter) metrics(ctx context.Context, w Window, k known, limit int, out *Report) {
	seen, err := r.seen.Metrics(ctx, w)
	if out.Metrics = compare(k.names(definition.Metric), limit, answer{seen, err}); err != nil {
		out.Labels = unreadable(err)
		return
	}
	labels := k.children(definition.Label)
	parents := both(k.names(definition.Metric).list, seen.List)
	out.Labels = inside(ctx, k, definition.Label, parents, limit, func(ctx context.Context, metric string) (Names, error) {
		return r.seen.Labels(ctx, w, metric)
	})
	out.Outside = r.outside(ctx, w, judged(labels, parents), limit)
}

func (r *Reporter) services(ctx context.Context, k known, limit int, out *Report) {
	seen, err := r.seen.Services(ctx)
	if out.Services = compare(k.names(definition.Service), limit, answer{seen, err}); err != nil {
		out.Operations = unreadable(err)
		return
	}
	out.Operations = inside(ctx, k, definition.Operation, both(k.names(definition.Service).list, seen.List), limit, r.seen.Operations)
}

// both gives the names that are in both lists, sorted.
func both(a, b []string) []string {
	a = sorted(a)
	return without(a, without(a, sorted(b)))
}

// inside compares the children of parents as "parent/child". A parent that
// cannot be read is left out, and the part is partial; when none can, it is
// unreadable.
func inside(ctx context.Context, k known, kind definition.Kind, parents []string, limit int,
	ask func(ctx context.Context, parent string) (Names, error)) Part {
	asked := cut(parents, maxParents)
	answers := make([]answer, len(asked))
	each(len(asked), func(i int) {
		names, err := ask(ctx, asked[i])
		answers[i] = answer{names, err}
	})
	children := k.children(kind)
	var defined, seen []string
	partial, failed := len(asked) < len(parents) || k[kind].more, 0
	for i, a := range answers {
		if partial = partial || a.err != nil || a.More; a.err != nil {
			failed++
			continue
		}
		for _, d := range children[asked[i]] {
			defined = append(defined, asked[i]+"/"+d.Name)
		}
		for _, name := range a.List {
			seen = append(seen, asked[i]+"/"+name)
		}
	}
	if failed > 0 && failed == len(asked) {
		return unreadable(answers[0].err)
	}
	p := Compare(defined, seen, limit)
	p.Partial = partial
	return p
}

// judged lists the labels whose definitions say which values are allowed.
func judged(labels map[string][]definition.Definition, metrics []string) []definition.Definition {
	var out []definition.Definition
	for _, m := range metrics {
		for _, l := range labels[m] {
			if _, judges := ruleOf(l.AllowedValues); judges && len(out) < maxLabels {
				out = append(out, l)
			}
		}
	}
	return out
}

// outside asks for values. Labels that cannot be read are left out.
func (r *Reporter) outside(ctx context.Context, w Window, labels []definition.Definition, limit int) []Outside {
	found := make([][]string, len(labels))
	each(len(labels), func(i int) {
		if values, err := r.seen.Values(ctx, w, labels[i].Parent, labels[i].Name); err == nil {
			found[i] = NotAllowed(labels[i].AllowedValues, values.List)
		}
	})
	var out []Outside
	for i, values := range found {
		if len(values) > 0 && len(out) < limit {
			out = append(out, Outside{labels[i].Parent, labels[i].Name, cut(values, limit)})
		}
	}
	return out
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
