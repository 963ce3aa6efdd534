package jetstream

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// kindMetrics is the part of the log that holds metrics and their labels.
const kindMetrics = "metrics"

const subjectPrefix = "schema."

// recordVersion of what this program writes; it skips what it does not know.
const recordVersion = 1

// record is one change as it stands in the log. Its tenant is in the subject,
// its time is that of the append.
type record struct {
	Version int           `json:"v"`
	Author  string        `json:"author,omitempty"`
	Metric  *metricRecord `json:"metric,omitempty"`
	Labels  []labelRecord `json:"labels,omitempty"`
}

type metricRecord struct {
	Name        string   `json:"name"`
	Description string   `json:"description,omitempty"`
	Owner       string   `json:"owner,omitempty"`
	Tags        []string `json:"tags,omitempty"`
}

type labelRecord struct {
	Metric      string         `json:"metric"`
	Name        string         `json:"name"`
	Type        string         `json:"type,omitempty"`
	Required    bool           `json:"required,omitempty"`
	Allowed     map[string]any `json:"allowed,omitempty"`
	Description string         `json:"description,omitempty"`
}

// subjectOf is where a tenant's changes stand.
func subjectOf(tenant string) (string, error) {
	token, err := events.Encode(tenant)
	if err != nil {
		return "", err
	}
	return subjectPrefix + token + "." + kindMetrics, nil
}

func tenantOf(subject string) (string, error) {
	rest, ok := strings.CutPrefix(subject, subjectPrefix)
	token, kind, found := strings.Cut(rest, ".")
	if !ok || !found || kind != kindMetrics {
		return "", fmt.Errorf("subject %q is not of this log", subject)
	}
	return events.Decode(token)
}

func encode(c definition.Change) ([]byte, error) {
	r := record{Version: recordVersion, Author: c.Author}
	if m := c.Metric; m != nil {
		r.Metric = &metricRecord{Name: m.Name, Description: m.Description, Owner: m.Owner, Tags: m.Tags}
	}
	for _, l := range c.Labels {
		r.Labels = append(r.Labels, labelRecord{Metric: l.Metric, Name: l.Name, Type: l.Type,
			Required: l.Required, Allowed: l.AllowedValues, Description: l.Description})
	}
	return json.Marshal(r)
}

func decode(data []byte) (definition.Change, error) {
	var r record
	if err := json.Unmarshal(data, &r); err != nil {
		return definition.Change{}, fmt.Errorf("decode change: %w", err)
	}
	if r.Version != recordVersion {
		return definition.Change{}, fmt.Errorf("decode change: version %d is not known", r.Version)
	}
	c := definition.Change{Author: r.Author}
	if m := r.Metric; m != nil {
		c.Metric = &definition.Metric{Name: m.Name, Description: m.Description, Owner: m.Owner, Tags: m.Tags}
	}
	for _, l := range r.Labels {
		c.Labels = append(c.Labels, definition.Label{Metric: l.Metric, Name: l.Name, Type: l.Type,
			Required: l.Required, AllowedValues: l.Allowed, Description: l.Description})
	}
	return c, nil
}
