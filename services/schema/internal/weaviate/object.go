package weaviate

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/go-openapi/strfmt"
	"github.com/weaviate/weaviate/entities/models"

	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
	"github.com/platformbuilds/mirador-core/services/schema/internal/jetstream"
	"github.com/platformbuilds/mirador-core/services/schema/internal/ranking"
)

// jsonMember of an object property holds the whole object as a text: Weaviate
// has no objects of any shape.
const jsonMember = "json"

// properties are what objects hold. Meta and Content are the exact truth for
// this program, the rest is for filters, for searches and for whoever else
// reads Weaviate.
type properties struct {
	TenantID      string         `json:"tenantId,omitempty"`
	Metric        string         `json:"metric,omitempty"`
	Service       string         `json:"service,omitempty"`
	Name          string         `json:"name,omitempty"`
	Order         string         `json:"order,omitempty"`
	Definition    string         `json:"definition,omitempty"`
	Purpose       string         `json:"purpose,omitempty"`
	Owner         string         `json:"owner,omitempty"`
	Type          string         `json:"type,omitempty"`
	Tags          []string       `json:"tags,omitempty"`
	Examples      []string       `json:"examples,omitempty"`
	Required      *bool          `json:"required,omitempty"`
	AllowedValues map[string]any `json:"allowedValues,omitempty"`
	NameWords     string         `json:"nameWords,omitempty"`
	TagWords      string         `json:"tagWords,omitempty"`
	Words         string         `json:"words,omitempty"`
	Deleted       bool           `json:"deleted,omitempty"`
	Version       int64          `json:"version,omitempty"`
	Author        string         `json:"author,omitempty"`
	UpdatedAt     *time.Time     `json:"updatedAt,omitempty"`
	CreatedAt     *time.Time     `json:"createdAt,omitempty"`
	Payload       *properties    `json:"payload,omitempty"`
	Meta          string         `json:"meta,omitempty"`
	Content       string         `json:"content,omitempty"`
	Attempt       *attempt       `json:"attempt,omitempty"`
}

// meta is a version without its content.
type meta struct {
	Version  int64     `json:"version"`
	Time     time.Time `json:"time"`
	Author   string    `json:"author,omitempty"`
	Deleted  bool      `json:"deleted,omitempty"`
	Sequence uint64    `json:"sequence"`
}

func compact(v any) (string, error) {
	data, err := json.Marshal(v)
	return string(data), err
}

// keyed begins the properties of every object of a key.
func keyed(tenant string, key definition.Key) properties {
	p := properties{TenantID: tenant, Name: key.Name}
	switch key.Kind {
	case definition.Label:
		p.Metric = key.Parent
	case definition.Operation:
		p.Service = key.Parent
	case definition.Metric, definition.LogField, definition.Service:
	}
	return p
}

// described adds the content in the contract's properties, as far as the kind
// uses it.
func (p *properties) described(kind definition.Kind, c definition.Content, nested []string) error {
	var err error
	for _, field := range kind.Fields() {
		switch field {
		case "description":
			p.Definition = c.Description
		case "purpose":
			p.Definition, p.Purpose = c.Purpose, c.Purpose
		case "owner":
			p.Owner = c.Owner
		case "type":
			p.Type = c.Type
		case "tags":
			p.Tags = c.Tags
		case "examples":
			p.Examples = c.Examples
		case "required":
			p.Required = new(c.Required)
		case "allowedValues":
			p.AllowedValues, err = allowed(c.AllowedValues, nested)
		}
	}
	return err
}

func allowed(values map[string]any, nested []string) (map[string]any, error) {
	if len(values) == 0 {
		return nil, nil
	}
	whole, err := compact(values)
	if err != nil {
		return nil, err
	}
	out := map[string]any{jsonMember: whole}
	for _, k := range nested {
		if text, ok := values[k].(string); ok && k != jsonMember {
			out[k] = text
		}
	}
	return out, nil
}

// searched adds the words by which the definition is found.
func (p *properties) searched(d definition.Definition) {
	join := func(texts ...string) string {
		var words []string
		for _, text := range texts {
			words = append(words, ranking.Words(text)...)
		}
		return strings.Join(words, " ")
	}
	p.NameWords, p.TagWords = join(d.Name), join(d.Tags...)
	p.Words = join(append([]string{d.Description, d.Purpose, d.Parent, d.Owner, d.Type}, d.Examples...)...)
}

// encoder makes objects of versions.
type encoder struct{ nested []string }

// base of head and version; a deletion has neither content nor words.
func (e encoder) base(tenant string, m jetstream.Made) (p properties, err error) {
	p = keyed(tenant, m.Key)
	if err := p.described(m.Kind, m.Content, e.nested); err != nil {
		return p, fmt.Errorf("encode %s %q: %w", m.Kind, m.Name, err)
	}
	p.UpdatedAt = new(m.UpdatedAt.UTC())
	return p, nil
}

func (e encoder) head(tenant string, m jetstream.Made) (*models.Object, error) {
	p, err := e.base(tenant, m)
	if err != nil {
		return nil, err
	}
	p.Order, p.Version, p.Deleted = order(m.Key), m.Version, m.Deleted
	if !m.Deleted {
		p.searched(m.Definition)
	}
	return p.object(classes[m.Kind].head, headID(tenant, m.Key), m)
}

func (e encoder) version(tenant string, m jetstream.Made) (*models.Object, error) {
	p, err := e.base(tenant, m)
	if err != nil {
		return nil, err
	}
	v := keyed(tenant, m.Key)
	v.Order, v.Version, v.Author, v.CreatedAt, v.Payload = order(m.Key), m.Version, m.Author, p.UpdatedAt, &p
	return v.object(classes[m.Kind].version, versionID(tenant, m.Key, m.Version), m)
}

func (p properties) object(class, id string, m jetstream.Made) (*models.Object, error) {
	var err error
	if p.Meta, err = compact(meta{m.Version, m.UpdatedAt.UTC(), m.Author, m.Deleted, m.Sequence}); err != nil {
		return nil, err
	}
	if p.Content, err = compact(m.Content); err != nil {
		return nil, err
	}
	return &models.Object{Class: class, ID: strfmt.UUID(id), Properties: p}, nil
}
