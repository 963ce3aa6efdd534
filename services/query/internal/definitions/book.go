package definitions

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/platformbuilds/mirador-core/libs/cache"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

// Warnings that an answer carries when definitions are not complete.
const (
	WarnAway   = "definitions are not available: the schema service does not answer"
	WarnDenied = "definitions are not available with this credential"
	WarnMany   = "definitions are given for the first 200 metrics only"
)

// Book answers from memory where it can. It is safe for concurrent use.
type Book struct {
	source  Source
	timeout time.Duration
	memory  *memory
	written *cache.Local[[]byte]
}

const (
	// maxWritten bounds the written definitions that are remembered, in bytes.
	maxWritten = 8 << 20
	// writtenShare is what one tenant may have of it.
	writtenShare = 0.5
)

// NewBook returns a Book on top of the source, which may be nil: then nothing
// is ever defined and every answer says so. A lookup takes at most timeout;
// what was looked up is remembered for at most maxAge, also while no news of
// changes arrives.
func NewBook(source Source, timeout, maxAge time.Duration, now func() time.Time) *Book {
	return &Book{source: source, timeout: timeout, memory: newMemory(maxAge, now),
		written: cache.NewLocal[[]byte](cache.LocalOptions{MaxBytes: maxWritten, Share: writtenShare, Now: now})}
}

// JSON of the definitions for an answer of the tenant, no older than epoch. It
// is nil, with a warning, when they cannot be had; an answer never fails for
// lack of definitions.
func (b *Book) JSON(ctx context.Context, tenant string, epoch uint64, w Wanted, o Options) (json []byte, warning string) {
	json, warning, _ = b.write(ctx, tenant, epoch, w, o)
	return json, warning
}

// JSONOf is JSON for a subject: a text that says all that decides what is
// wanted, options included. The JSON of the same subject is not written anew
// while what is known holds; it must not be changed.
func (b *Book) JSONOf(ctx context.Context, tenant string, epoch uint64, subject string, want func() Wanted, o Options) (json []byte, warning string) {
	name := strconv.FormatUint(epoch, 10) + ":" + subject
	if found, ok := b.written.Get(tenant, name); ok {
		return found.Value, ""
	}
	json, warning, life := b.write(ctx, tenant, epoch, want(), o)
	if warning == "" && life > 0 {
		b.written.Set(tenant, name, json, int64(len(json)), life)
	}
	return json, warning
}

// write tells for how long the JSON holds, too.
func (b *Book) write(ctx context.Context, tenant string, epoch uint64, w Wanted, o Options) (json []byte, warning string, life time.Duration) {
	if b.source == nil {
		return nil, WarnAway, 0
	}
	slices.Sort(w.Metrics)
	if len(w.Metrics) > MaxMetrics {
		w.Metrics, warning = w.Metrics[:MaxMetrics], WarnMany
	}
	known, life, err := b.known(ctx, tenant, epoch, w.Metrics)
	if err != nil {
		return nil, warningFor(err), 0
	}
	return appendDefinitions(nil, known, w, o), warning, life
}

// Describe gives what is known of each metric, by name.
func (b *Book) Describe(ctx context.Context, tenant string, epoch uint64, metrics []string) (map[string]Known, error) {
	if b.source == nil {
		return nil, fault.New(fault.CodeUnavailable, WarnAway)
	}
	all := map[string]Known{}
	for part := range slices.Chunk(metrics, MaxMetrics) {
		known, _, err := b.known(ctx, tenant, epoch, part)
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

// known makes at most one lookup, for what memory lacks. What a source gave
// that is behind epoch holds for this answer only.
func (b *Book) known(ctx context.Context, tenant string, epoch uint64, metrics []string) (map[string]Known, time.Duration, error) {
	known, life, missing := b.memory.get(tenant, epoch, metrics)
	if len(missing) == 0 {
		return known, life, nil
	}
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	found, err := b.source.Lookup(ctx, missing, epoch)
	if err != nil {
		return nil, 0, err
	}
	b.memory.put(tenant, found.Epoch, missing, found.Metrics)
	for _, m := range missing {
		known[m] = found.Metrics[m]
	}
	if found.Epoch < epoch {
		life = 0
	}
	return known, life, nil
}
