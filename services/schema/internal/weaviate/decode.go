package weaviate

import (
	"encoding/json"
	"fmt"

	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// key of an object of one kind.
func (p properties) key(kind definition.Kind) definition.Key {
	return definition.Key{Kind: kind, Parent: p.Metric + p.Service, Name: p.Name}
}

// definition that a head object holds.
func (p properties) definition(kind definition.Kind) (definition.Definition, error) {
	d := definition.Definition{Key: p.key(kind)}
	v, content, err := p.past(kind)
	d.Content, d.Version, d.UpdatedAt, d.Deleted = content, v.Number, v.CreatedAt, v.Deleted
	return d, err
}

// past gives what Meta and Content say. Objects of other programs have neither:
// theirs is what the contract's properties say.
func (p properties) past(kind definition.Kind) (v definition.Version, c definition.Content, err error) {
	if v, err = p.entry(); err != nil {
		return v, c, err
	}
	if p.Meta == "" {
		return v, p.foreign(kind), nil
	}
	if err := json.Unmarshal([]byte(p.Content), &c); err != nil {
		return v, c, fmt.Errorf("object of %s %q: content: %w", kind, p.Name, err)
	}
	return v, c, nil
}

// entry of the history.
func (p properties) entry() (definition.Version, error) {
	if p.Meta == "" {
		v := definition.Version{Number: max(1, p.Version), Author: p.Author, Deleted: p.Deleted}
		if p.UpdatedAt != nil {
			v.CreatedAt = *p.UpdatedAt
		}
		if p.CreatedAt != nil {
			v.CreatedAt = *p.CreatedAt
		}
		return v, nil
	}
	var m meta
	if err := json.Unmarshal([]byte(p.Meta), &m); err != nil {
		return definition.Version{}, fmt.Errorf("object of %q: meta: %w", p.Name, err)
	}
	return definition.Version{Number: m.Version, Author: m.Author, CreatedAt: m.Time, Deleted: m.Deleted, Sequence: m.Sequence}, nil
}

// foreign reads the contract's properties.
func (p properties) foreign(kind definition.Kind) definition.Content {
	if p.Payload != nil {
		return p.Payload.foreign(kind)
	}
	c := definition.Content{Description: p.Definition, Owner: p.Owner, Tags: p.Tags, Type: p.Type,
		Examples: p.Examples, Required: p.Required != nil && *p.Required, AllowedValues: p.AllowedValues}
	if kind == definition.Service || kind == definition.Operation {
		c.Description, c.Purpose = "", p.Purpose
		if c.Purpose == "" {
			c.Purpose = p.Definition
		}
	}
	return c
}
