// Package sample makes CSV files to fill in: a row for everything of a kind
// that the back ends have seen, with what is defined of it. A sample that is
// uploaded as it is changes no definition.
package sample

import (
	"context"
	"slices"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/schema/internal/bulk"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
	"github.com/platformbuilds/mirador-core/services/schema/internal/drift"
)

const (
	// MaxMetrics that may be named.
	MaxMetrics = 200
	// maxParents metrics and services are looked into.
	maxParents = 200
	// seenFor is the window of what was seen.
	seenFor = 24 * time.Hour
	// longest time for all questions.
	longest = 20 * time.Second
)

// Defined is what is defined; definition.Registry is one.
type Defined interface {
	drift.Defined
	Lookup(ctx context.Context, metrics []string, minEpoch uint64) (definition.Found, error)
}

// Request for a file.
type Request struct {
	Kind bulk.Kind
	// Metrics to have rows for; none means all that were seen.
	Metrics []string
	// MinEpoch of the definitions.
	MinEpoch uint64
}

// File is a sample.
type File struct {
	// Name to keep it under.
	Name string
	Data []byte
	// Warnings say what is left out.
	Warnings []string
}

// Samples makes files for the tenant of the caller's identity.
type Samples struct {
	seen    drift.Seen
	defined Defined
	limits  bulk.Limits
	now     func() time.Time
}

// New returns samples that are no larger than an upload may be. now is the
// clock, time.Now in production.
func New(s drift.Seen, d Defined, l bulk.Limits, now func() time.Time) *Samples {
	return &Samples{s, d, l, now}
}

// names of the files, as clients know them.
var names = map[bulk.Kind]string{bulk.Metrics: "metric", bulk.LogFields: "log_field", bulk.Services: "service", bulk.Operations: "operation"}

// Make asks the back ends with the caller's rights. What they cannot tell is an
// error: a shorter file would look like a whole one.
func (s *Samples) Make(ctx context.Context, r Request) (File, error) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	if !r.Kind.Known() {
		return File{}, invalid("kind", "is not known")
	}
	if len(r.Metrics) > MaxMetrics {
		return File{}, invalid("metrics", "must not have more than %d entries", MaxMetrics)
	}
	now := s.now()
	b := &book{Samples: s, Request: r, window: drift.Window{Start: now.Add(-seenFor), End: now}}
	list, err := b.list(ctx)
	if err != nil {
		return File{}, err
	}
	out := sheet{kind: r.Kind, most: s.limits.Bytes, data: bulk.Header(r.Kind)}
	for _, e := range list {
		out.add(e)
	}
	return File{Name: names[r.Kind] + "_definitions_sample.csv", Data: out.data, Warnings: slices.Concat(b.warnings, out.warnings())}, nil
}

func invalid(field, format string, args ...any) error {
	return fault.New(fault.CodeInvalidRequest, "invalid sample request").WithField(field, format, args...)
}

// book is one file in the making.
type book struct {
	*Samples
	Request
	window   drift.Window
	warnings []string
}

// entry is what one definition becomes.
type entry struct {
	own    definition.Change
	labels []definition.Change
}

func (b *book) list(ctx context.Context) ([]entry, error) {
	switch b.Kind {
	case bulk.Metrics:
		return b.metrics(ctx)
	case bulk.Operations:
		return b.operations(ctx)
	case bulk.LogFields:
		seen, err := b.seen.LogFields(ctx, b.window)
		return b.plain(ctx, seen, err)
	default:
		seen, err := b.seen.Services(ctx)
		return b.plain(ctx, seen, err)
	}
}

// cut notes that a list of what was seen goes on.
func (b *book) cut(n drift.Names) []string {
	const more = "not everything that was seen is in the file"
	if n.More && !slices.Contains(b.warnings, more) {
		b.warnings = append(b.warnings, more)
	}
	list := slices.Clone(n.List)
	slices.Sort(list)
	return slices.Compact(list)
}
