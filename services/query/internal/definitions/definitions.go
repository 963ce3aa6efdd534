// Package definitions puts together what is known of the metrics and labels
// of an answer: one lookup per answer for the names that are not remembered,
// placeholders for what is not defined, and the JSON of the answer's
// `definitions` member.
package definitions

import (
	"context"
	"slices"
	"time"
)

// Metric is the definition of one metric.
type Metric struct {
	Tenant, Name, Description, Owner string
	Tags                             []string
	Updated                          time.Time
}

// Label is the definition of one label of a metric.
type Label struct {
	Tenant, Metric, Name, Type, Description string
	Required                                bool
	// Allowed is a JSON object; nil means any value.
	Allowed []byte
}

// Known is what is known of one metric.
type Known struct {
	// Metric is nil when it is not defined.
	Metric *Metric
	// Labels that are defined, sorted by name.
	Labels []Label
}

// Found is the answer of a Source.
type Found struct {
	// Epoch that the answer includes.
	Epoch uint64
	// Metrics by name; a name that is missing is not defined.
	Metrics map[string]Known
}

// Source looks definitions up. The tenant is that of the context's identity.
type Source interface {
	Lookup(ctx context.Context, metrics []string, minEpoch uint64) (Found, error)
}

// MaxMetrics of one answer that definitions are given for; it is what one
// lookup takes.
const MaxMetrics = 200

// maxLabels bounds the label keys of one metric.
const maxLabels = 256

// Wanted names what an answer is about.
type Wanted struct {
	// Metrics by name.
	Metrics []string
	// Labels that are of interest per metric.
	Labels map[string][]string
	// Shared labels are of interest for every metric.
	Shared []string
}

// Add names one more metric with labels of interest.
func (w *Wanted) Add(metric string, labels []string) {
	if !slices.Contains(w.Metrics, metric) {
		w.Metrics = append(w.Metrics, metric)
	}
	if w.Labels == nil {
		w.Labels = map[string][]string{}
	}
	w.Labels[metric] = append(w.Labels[metric], labels...)
}

// Options of one answer.
type Options struct {
	// Minimal leaves labels out.
	Minimal bool
	// LabelKeys restricts the labels to these, when given.
	LabelKeys []string
}

// keys of a metric's labels, sorted, without doubles.
func (o Options) keys(metric string, w Wanted, defined []Label) []string {
	if len(o.LabelKeys) > 0 {
		return unique(slices.Clone(o.LabelKeys))
	}
	keys := slices.Concat(w.Labels[metric], w.Shared)
	for _, l := range defined {
		keys = append(keys, l.Name)
	}
	return unique(keys)
}

func unique(keys []string) []string {
	slices.Sort(keys)
	keys = slices.Compact(keys)
	return keys[:min(len(keys), maxLabels)]
}
