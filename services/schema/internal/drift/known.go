package drift

import (
	"context"

	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// known is what is defined, by kind.
type known map[definition.Kind]defined

type defined struct {
	list []definition.Definition
	more bool
}

// known reads the definitions, newer ones than any epoch that matters here.
func (r *Reporter) known(ctx context.Context) (known, error) {
	out := known{}
	for _, kind := range definition.Kinds() {
		d, err := r.all(ctx, kind)
		if err != nil {
			return nil, err
		}
		out[kind] = d
	}
	return out, nil
}

func (r *Reporter) all(ctx context.Context, kind definition.Kind) (defined, error) {
	var d defined
	s := definition.Selection{Kind: kind, Limit: definition.MaxPage}
	for {
		page, err := r.defined.List(ctx, s, 0)
		if err != nil {
			return d, err
		}
		d.list = append(d.list, page.Definitions...)
		d.more = page.More
		if !page.More || len(d.list) >= maxDefined {
			return d, nil
		}
		s.After = &page.Definitions[len(page.Definitions)-1].Key
	}
}

type names struct {
	list []string
	more bool
}

func (k known) names(kind definition.Kind) names {
	n := names{more: k[kind].more}
	for _, d := range k[kind].list {
		n.list = append(n.list, d.Name)
	}
	return n
}

// children groups the definitions of a kind by parent.
func (k known) children(kind definition.Kind) map[string][]definition.Definition {
	out := map[string][]definition.Definition{}
	for _, d := range k[kind].list {
		out[d.Parent] = append(out[d.Parent], d)
	}
	return out
}
