// Package read names what can be read from a metrics back end. It is what the
// service asks for and what an adapter turns into requests; it knows neither
// HTTP nor tenants.
package read

import "errors"

// Request is one of Instant, Range, Series, Labels, LabelValues and Metadata.
type Request interface{ request() }

// Instant evaluates a query at one time.
type Instant struct {
	// Query in MetricsQL.
	Query string
	// Time and Step in a form that the back end reads; empty means its default.
	Time, Step string
}

// Range evaluates a query at every step.
type Range struct {
	// Query in MetricsQL.
	Query string
	// Start, End and Step in a form that the back end reads.
	Start, End, Step string
}

// Select narrows a listing.
type Select struct {
	// Match selectors, ORed by the back end.
	Match []string
	// Start and End of the window; empty means the back end's default.
	Start, End string
	// Limit of entries; 0 means the back end's own.
	Limit int
}

// Series lists label sets.
type Series struct{ Select }

// Labels lists label names.
type Labels struct{ Select }

// LabelValues lists the values of one label.
type LabelValues struct {
	// Label name.
	Label string
	Select
}

// Metadata lists what scraped targets said about metrics.
type Metadata struct {
	// Metric restricts the answer to one name.
	Metric string
	// Limit of metrics; 0 means the back end's own.
	Limit int
}

// ErrUnfiltered tells that the back end cannot hold a request to the caller's
// tenant or scope, so it was not asked.
var ErrUnfiltered = errors.New("the back end does not filter this answer")

func (Instant) request()     {}
func (Range) request()       {}
func (Series) request()      {}
func (Labels) request()      {}
func (LabelValues) request() {}
func (Metadata) request()    {}
