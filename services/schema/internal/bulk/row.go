package bulk

import (
	"strings"

	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// row is one record of a file; its cells are valid until the next one is read.
type row struct {
	line  int
	at    header
	cells []string
}

// cell as it is stored; "" when the file has no such column.
func (r row) cell(name string) string {
	if i, ok := r.at[name]; ok {
		return Bare(r.cells[i])
	}
	return ""
}

func (r row) blank() bool {
	for _, c := range r.cells {
		if c != "" {
			return false
		}
	}
	return true
}

// changes reads what the row defines: one definition, and for a metric perhaps
// a label of it.
func (r row) changes(kind Kind) ([]definition.Change, *Refusal) {
	own, bad := r.own(kind)
	if bad == nil {
		bad = r.check(own)
	}
	if bad != nil || kind != Metrics {
		return []definition.Change{own}, bad
	}
	label, bad := r.label()
	if bad != nil || label == nil {
		return []definition.Change{own}, bad
	}
	return []definition.Change{own, *label}, r.check(*label)
}

func (r row) own(kind Kind) (c definition.Change, bad *Refusal) {
	c.Key = definition.Key{Kind: kind.Defines()}
	switch kind {
	case Metrics:
		c.Key.Name, c.Content.Description = r.cell("metric"), r.cell("description")
	case LogFields:
		c.Key.Name, c.Content.Description, c.Content.Type = r.cell("field"), r.cell("description"), r.cell("type")
	case Services:
		c.Key.Name, c.Content.Purpose = r.cell("service"), r.cell("purpose")
	case Operations:
		c.Key.Parent, c.Key.Name, c.Content.Purpose = r.cell("service"), r.cell("operation"), r.cell("purpose")
	}
	c.Content.Owner = r.cell("owner")
	var err error
	if c.Content.Tags, err = words(r.cell("tags_json")); err != nil {
		return c, r.refuse("tags_json", err.Error())
	}
	if c.Content.Examples, err = words(r.cell("examples_json")); err != nil {
		return c, r.refuse("examples_json", err.Error())
	}
	return c, nil
}

// label gives nil when the row speaks of the metric alone.
func (r row) label() (*definition.Change, *Refusal) {
	c := definition.Change{Key: definition.Key{Kind: definition.Label, Parent: r.cell("metric"), Name: r.cell("label")}}
	c.Content.Type, c.Content.Description = r.cell("label_type"), r.cell("label_description")
	var err error
	if c.Content.Required, err = truth(r.cell("label_required")); err != nil {
		return nil, r.refuse("label_required", err.Error())
	}
	if c.Content.AllowedValues, err = object(r.cell("label_allowed_json")); err != nil {
		return nil, r.refuse("label_allowed_json", err.Error())
	}
	if strings.TrimSpace(c.Key.Name) != "" {
		return &c, nil
	}
	if !c.Content.Same(definition.Content{}) {
		return nil, r.refuse("label", "must not be empty beside cells that describe a label")
	}
	return nil, nil
}

// check asks the rules that every definition keeps.
func (r row) check(c definition.Change) *Refusal {
	if faults := definition.Check(c); len(faults) > 0 {
		return r.refuse(column(c.Key.Kind, faults[0].Pointer), faults[0].Detail)
	}
	return nil
}

func (r row) refuse(column, reason string) *Refusal {
	return &Refusal{Line: r.line, Column: column, Reason: reason}
}
