package changelog

import "github.com/platformbuilds/mirador-core/services/schema/internal/definition"

// first is what records of the first version hold: metrics and labels only.
type first struct {
	Metric *firstMetric `json:"metric,omitempty"`
	Labels []firstLabel `json:"labels,omitempty"`
}

type firstMetric struct {
	Name        string   `json:"name"`
	Description string   `json:"description,omitempty"`
	Owner       string   `json:"owner,omitempty"`
	Tags        []string `json:"tags,omitempty"`
}

type firstLabel struct {
	Metric      string         `json:"metric"`
	Name        string         `json:"name"`
	Type        string         `json:"type,omitempty"`
	Required    bool           `json:"required,omitempty"`
	Allowed     map[string]any `json:"allowed,omitempty"`
	Description string         `json:"description,omitempty"`
}

func (f first) changes() []definition.Change {
	var out []definition.Change
	if m := f.Metric; m != nil {
		out = append(out, definition.Change{Key: definition.Key{Kind: definition.Metric, Name: m.Name},
			Content: definition.Content{Description: m.Description, Owner: m.Owner, Tags: m.Tags}})
	}
	for _, l := range f.Labels {
		out = append(out, definition.Change{Key: definition.Key{Kind: definition.Label, Parent: l.Metric, Name: l.Name},
			Content: definition.Content{Type: l.Type, Required: l.Required, AllowedValues: l.Allowed, Description: l.Description}})
	}
	return out
}
