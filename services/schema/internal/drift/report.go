package drift

import (
	"context"
	"sync"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// Bounds of one report.
const (
	// maxDefined definitions of one kind are looked at.
	maxDefined = 20_000
	// maxParents metrics and services are looked into.
	maxParents = 100
	// maxLabels are asked for their values.
	maxLabels = 200
	// atOnce questions are asked of one service.
	atOnce = 4
	// longest time for all questions.
	longest = 20 * time.Second
)

// Window of what was seen; the ends are inclusive.
type Window struct{ Start, End time.Time }

// Names is a list that may be cut.
type Names struct {
	List []string
	More bool
}

// Seen is what the back ends have seen of the caller's tenant.
type Seen interface {
	// Metrics lists names of metrics.
	Metrics(ctx context.Context, w Window) (Names, error)
	// Labels lists the label keys of a metric, without the name itself.
	Labels(ctx context.Context, w Window, metric string) (Names, error)
	// Values lists the values of a label of a metric.
	Values(ctx context.Context, w Window, metric, label string) (Names, error)
	// LogFields lists names of fields of log rows.
	LogFields(ctx context.Context, w Window) (Names, error)
	// Services lists the services that have spans, of any time.
	Services(ctx context.Context) (Names, error)
	// Operations lists the operations of a service, of any time.
	Operations(ctx context.Context, service string) (Names, error)
}

// Defined is what is defined; definition.Registry is one.
type Defined interface {
	List(ctx context.Context, s definition.Selection, minEpoch uint64) (definition.Page, error)
}

// Report compares every kind. Labels and operations are compared for metrics
// and services that are both defined and seen.
type Report struct {
	Metrics, Labels, LogFields, Services, Operations Part
	Outside                                          []Outside
}

// Reporter makes reports.
type Reporter struct {
	defined Defined
	seen    Seen
}

// NewReporter returns a reporter on both sides.
func NewReporter(d Defined, s Seen) *Reporter { return &Reporter{d, s} }

// Report asks all services side by side. What one of them cannot answer is
// unreadable in the report; only definitions that cannot be read are an error.
// Each list has at most limit entries.
func (r *Reporter) Report(ctx context.Context, w Window, limit int) (Report, error) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	known, err := r.known(ctx)
	if err != nil {
		return Report{}, err
	}
	var out Report
	var wg sync.WaitGroup
	wg.Go(func() { r.metrics(ctx, w, known, limit, &out) })
	wg.Go(func() { out.LogFields = compare(known.names(definition.LogField), limit, r.logFields(ctx, w)) })
	wg.Go(func() { r.services(ctx, known, limit, &out) })
	wg.Wait()
	return out, nil
}

func (r *Reporter) logFields(ctx context.Context, w Window) answer {
	names, err := r.seen.LogFields(ctx, w)
	return answer{names, err}
}

// answer of a service.
type answer struct {
	Names
	err error
}

func compare(d names, limit int, a answer) Part {
	if a.err != nil {
		return unreadable(a.err)
	}
	p := Compare(d.list, a.List, limit)
	p.Partial = d.more || a.More
	return p
}

// unreadable says why in the words that are meant for callers.
func unreadable(err error) Part { return Part{Unreadable: fault.From(err).Message} }
