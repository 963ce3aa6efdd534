package weaviate

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// maxAnswer of objects that Weaviate gives to one question.
const maxAnswer = 10_000

// List gives a page of definitions; see definition.Store.
func (s *Store) List(ctx context.Context, v definition.View, sel definition.Selection) (page definition.Page, err error) {
	if err := s.projector.await(ctx, v.MinEpoch); err != nil {
		return page, err
	}
	class, after := classes[sel.Kind].head, ""
	if sel.After != nil {
		after = order(*sel.After)
	}
	for {
		var answer map[string][]properties
		f := selected(of(v.Tenant).live(), sel, after)
		err := s.client.ask(ctx, fmt.Sprintf(`%s(%s,sort:[{path:["order"],order:asc}],limit:%d%s){%s order}`,
			class, f, sel.Limit+1, s.client.level(), s.exactly(sel.Kind)), &answer)
		if err != nil {
			return definition.Page{}, err
		}
		found, err := s.definitions(answer[class], v.Tenant, sel.Kind)
		if err != nil {
			return definition.Page{}, err
		}
		for _, d := range found {
			if !sel.Fits(d) {
				continue
			}
			if len(page.Definitions) == sel.Limit {
				page.More = true
				return page, nil
			}
			page.Definitions = append(page.Definitions, d)
		}
		if len(answer[class]) <= sel.Limit {
			return page, nil
		}
		after = answer[class][sel.Limit].Order
	}
}

// selected narrows a filter to what may fit. What gets through is looked at
// again: Weaviate does not compare the ends of texts.
func selected(f filter, sel definition.Selection, after string) filter {
	from := ""
	if sel.Parent != "" || !sel.Kind.HasParent() {
		from = parentOrder(sel.Parent) + hex.EncodeToString([]byte(sel.Prefix))
		// Nothing in it is a sign of Like.
		f = f.text("order", "Like", from+"*")
	} else if sel.Prefix != "" && sel.Prefix == strings.TrimSpace(sel.Prefix) {
		f = f.text("name", "GreaterThanEqual", sel.Prefix).text("name", "LessThan", sel.Prefix+"\U0010FFFF")
	}
	if after != "" && after >= from {
		f = f.text("order", "GreaterThan", after)
	}
	if strings.TrimSpace(sel.Tag) != "" && slices.Contains(sel.Kind.Fields(), "tags") {
		f = f.text("tags", "Equal", sel.Tag)
	}
	return f
}

// exactly is what a definition is read from.
func (s *Store) exactly(kind definition.Kind) string {
	return "tenantId name " + classes[kind].parent + " meta content"
}

// definitions decodes heads of one tenant, in their order, each once: a killed
// Weaviate may have kept entries of a number that the object had before.
func (s *Store) definitions(objects []properties, tenant string, kind definition.Kind) (list []definition.Definition, err error) {
	seen := map[definition.Key]bool{}
	for _, p := range objects {
		if p.TenantID != tenant || seen[p.key(kind)] {
			continue
		}
		seen[p.key(kind)] = true
		d, err := p.definition(kind)
		if err != nil {
			return nil, err
		}
		if d, err = s.newest(tenant, d.Key, d); err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, nil
}

// Lookup gives definitions of many metrics; see definition.Store.
func (s *Store) Lookup(ctx context.Context, v definition.View, metrics []string) (found definition.Found, err error) {
	if err := s.projector.await(ctx, v.MinEpoch); err != nil {
		return found, err
	}
	projected := s.projector.projected()
	if found.Epoch, err = s.fold.Epoch(v.Tenant); err != nil {
		return found, err
	}
	// A number without a change of the tenant is as good an epoch.
	found.Epoch = min(found.Epoch, projected)
	names := slices.Compact(slices.Sorted(slices.Values(metrics)))
	if len(names) == 0 {
		return found, nil
	}
	if err := s.lookup(ctx, v.Tenant, names, &found); err != nil {
		return definition.Found{}, err
	}
	slices.SortFunc(found.Metrics, byKey)
	slices.SortFunc(found.Labels, byKey)
	return found, nil
}

func (s *Store) lookup(ctx context.Context, tenant string, names []string, found *definition.Found) error {
	foreign := " version updatedAt definition"
	var answer struct{ Metric, Label []properties }
	err := s.client.ask(ctx, fmt.Sprintf(`Metric(%s,limit:%d%s){%s%s owner tags} Label(%s,limit:%d%s){%s%s type required}`,
		of(tenant).live().anyOf("name", names), maxAnswer, s.client.level(), s.exactly(definition.Metric), foreign,
		of(tenant).live().anyOf("metric", names), maxAnswer, s.client.level(), s.exactly(definition.Label), foreign), &answer)
	if err != nil {
		return err
	}
	if len(answer.Label) == maxAnswer && len(names) > 1 {
		if err := s.lookup(ctx, tenant, names[:len(names)/2], found); err != nil {
			return err
		}
		return s.lookup(ctx, tenant, names[len(names)/2:], found)
	}
	for kind, objects := range map[definition.Kind][]properties{definition.Metric: answer.Metric, definition.Label: answer.Label} {
		list, err := s.definitions(objects, tenant, kind)
		if err != nil {
			return err
		}
		collect(found, kind, list, names)
	}
	return nil
}

// collect adds what is live and of exactly the names, which are sorted.
func collect(found *definition.Found, kind definition.Kind, list []definition.Definition, names []string) {
	for _, d := range list {
		name, to := d.Name, &found.Metrics
		if kind == definition.Label {
			name, to = d.Parent, &found.Labels
		}
		if _, ok := slices.BinarySearch(names, name); ok && d.Live() {
			*to = append(*to, d)
		}
	}
}

func byKey(a, b definition.Definition) int { return a.Compare(b.Key) }
