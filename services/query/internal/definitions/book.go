package definitions

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// Warnings that an answer carries when definitions are not complete.
const (
	WarnAway   = "definitions are not available: the schema service does not answer"
	WarnDenied = "definitions are not available: they need the permission schema.read"
	WarnMany   = "definitions are given for the first 200 metrics only"
)

// Book answers from memory where it can. It is safe for concurrent use.
type Book struct {
	source  Source
	timeout time.Duration
	memory  *memory
}

// NewBook returns a Book on top of the source, which may be nil: then nothing
// is ever defined and every answer says so. A lookup takes at most timeout;
// what was looked up is remembered for at most maxAge, also while no news of
// changes arrives.
func NewBook(source Source, timeout, maxAge time.Duration, now func() time.Time) *Book {
	return &Book{source: source, timeout: timeout, memory: newMemory(maxAge, now)}
}

// JSON of the definitions for an answer of the tenant, no older than epoch. It
// is nil, with a warning, when they cannot be had; an answer never fails for
// lack of definitions.
func (b *Book) JSON(ctx context.Context, tenant string, epoch uint64, w Wanted, o Options) (json []byte, warning string) {
	if b.source == nil {
		return nil, WarnAway
	}
	slices.Sort(w.Metrics)
	if len(w.Metrics) > MaxMetrics {
		w.Metrics, warning = w.Metrics[:MaxMetrics], WarnMany
	}
	known, err := b.known(ctx, tenant, epoch, w.Metrics)
	if err != nil {
		return nil, warningFor(err)
	}
	return appendDefinitions(nil, known, w, o), warning
}

// Describe gives what is known of each metric, by name.
func (b *Book) Describe(ctx context.Context, tenant string, epoch uint64, metrics []string) (map[string]Known, error) {
	if b.source == nil {
		return nil, fault.New(fault.CodeUnavailable, WarnAway)
	}
	all := map[string]Known{}
	for part := range slices.Chunk(metrics, MaxMetrics) {
		known, err := b.known(ctx, tenant, epoch, part)
		if err != nil {
			return nil, err
		}
		maps.Copy(all, known)
	}
	return all, nil
}

func warningFor(err error) string {
	if fault.From(err).Kind() == fault.Forbidden {
		return WarnDenied
	}
	return WarnAway
}

// known makes at most one lookup, for what memory lacks.
func (b *Book) known(ctx context.Context, tenant string, epoch uint64, metrics []string) (map[string]Known, error) {
	known, missing := b.memory.get(tenant, epoch, metrics)
	if len(missing) == 0 {
		return known, nil
	}
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	found, err := b.source.Lookup(ctx, missing, epoch)
	if err != nil {
		return nil, err
	}
	b.memory.put(tenant, found.Epoch, missing, found.Metrics)
	for _, m := range missing {
		known[m] = found.Metrics[m]
	}
	return known, nil
}
