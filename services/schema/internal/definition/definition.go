// Package definition is what metrics and labels mean to a tenant: the rules
// for definitions, and the operations on them. Where they are kept is behind
// Store; how they travel is the server's business.
package definition

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"time"
)

// ErrNotFound tells that nothing is defined under a name.
var ErrNotFound = errors.New("not defined")

// Metric is the definition of one metric.
type Metric struct {
	// Name of the metric.
	Name string
	// Description, Owner and Tags are for people.
	Description, Owner string
	Tags               []string
	// Version counts changes from 1; UpdatedAt is the time of the newest.
	Version   int64
	UpdatedAt time.Time
}

// Same tells whether two definitions have the same content.
func (m Metric) Same(o Metric) bool {
	return m.Name == o.Name && m.Description == o.Description && m.Owner == o.Owner && slices.Equal(m.Tags, o.Tags)
}

// Label is the definition of one label of one metric.
type Label struct {
	// Metric and Name make up the key.
	Metric, Name string
	// Type of the values, a free word.
	Type string
	// Required when every series of the metric should have the label.
	Required bool
	// AllowedValues is a free JSON object; empty means any value.
	AllowedValues map[string]any
	// Description for people.
	Description string
	// Version counts changes from 1; UpdatedAt is the time of the newest.
	Version   int64
	UpdatedAt time.Time
}

// Same tells whether two definitions have the same content.
func (l Label) Same(o Label) bool {
	return l.Metric == o.Metric && l.Name == o.Name && l.Type == o.Type && l.Required == o.Required &&
		l.Description == o.Description && sameObject(l.AllowedValues, o.AllowedValues)
}

func sameObject(a, b map[string]any) bool {
	return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b)
}

// Change is one write: a metric, labels, or both. It is stored whole or not at
// all.
type Change struct {
	// Tenant that owns the definitions.
	Tenant string
	// Author of the change.
	Author string
	// Metric that is defined; nil when only labels are.
	Metric *Metric
	// Labels that are defined, each under its own key.
	Labels []Label
}

// Key names a metric, or a label of a metric when Label is not empty.
type Key struct{ Metric, Label string }

// Version is one entry of a definition's history.
type Version struct {
	// Number from 1 without gaps.
	Number int64
	// Author and time of the change.
	Author    string
	CreatedAt time.Time
	// Sequence of the write that holds the content.
	Sequence uint64
}

// Found is what a lookup gives.
type Found struct {
	Metrics []Metric
	Labels  []Label
	// Epoch of the tenant that the answer includes.
	Epoch uint64
}

// Store keeps definitions per tenant. A tenant's epoch is the number of its
// newest write; it only grows. Reads include everything up to minEpoch, if
// that can be had in a moment, and everything that the same Store has
// acknowledged.
type Store interface {
	// Put stores a change and gives the epoch that includes it. What is equal
	// to its newest version is left out; a change of which nothing remains
	// writes nothing.
	Put(ctx context.Context, c Change) (epoch uint64, err error)
	// Metric gives the newest definition, or ErrNotFound.
	Metric(ctx context.Context, tenant, metric string, minEpoch uint64) (Metric, error)
	// Label gives the newest definition, or ErrNotFound.
	Label(ctx context.Context, tenant string, key Key, minEpoch uint64) (Label, error)
	// Lookup gives the definitions of the metrics and of all their labels.
	Lookup(ctx context.Context, tenant string, metrics []string, minEpoch uint64) (Found, error)
	// Versions lists the newest versions of a definition, newest first; at
	// most 1000. Nothing defined is an empty list.
	Versions(ctx context.Context, tenant string, key Key) ([]Version, error)
}
