package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/compression"
)

// Series is one time series with its samples in time order: T in Unix
// milliseconds, V beside it.
type Series struct {
	Labels labels.Labels
	T      []int64
	V      []float64
}

// Selector is an OR of groups of matchers that are ANDed.
type Selector [][]*labels.Matcher

// DB is the database of one tenant.
type DB struct {
	tsdb     *tsdb.DB
	metadata metadata
}

func openDB(dir string, o Options) (*DB, error) {
	opts := tsdb.DefaultOptions()
	opts.RetentionDuration = o.Retention.Milliseconds()
	// A back-fill writes whole series one after the other, so all but the
	// first are out of order for the head.
	opts.OutOfOrderTimeWindow = o.Retention.Milliseconds()
	opts.OutOfOrderCapMax = 255
	opts.StripeSize = 1 << 10
	opts.HeadChunksWriteBufferSize = 64 << 10
	opts.WALSegmentSize = 8 << 20
	opts.WALCompression = compression.Snappy
	opts.NoLockfile = true
	db, err := tsdb.Open(dir, o.Log, nil, opts, nil)
	if err != nil {
		return nil, err
	}
	return &DB{tsdb: db, metadata: newMetadata()}, nil
}

func (d *DB) close() error { return d.tsdb.Close() }

// Append writes series in one transaction. Samples that the database refuses
// (too old, or a second value at a taken time) are left out silently, as the
// real server does.
func (d *DB) Append(ctx context.Context, series []Series) error {
	app := d.tsdb.Appender(ctx)
	for _, s := range series {
		if err := appendSeries(app, s); err != nil {
			return errors.Join(err, app.Rollback())
		}
	}
	return app.Commit()
}

func appendSeries(app storage.Appender, s Series) error {
	var ref storage.SeriesRef
	for i, t := range s.T {
		r, err := app.Append(ref, s.Labels, t, s.V[i])
		if err != nil && !refused(err) {
			return fmt.Errorf("append %s: %w", s.Labels, err)
		}
		if err == nil {
			ref = r
		}
	}
	return nil
}

func refused(err error) bool {
	return errors.Is(err, storage.ErrOutOfOrderSample) || errors.Is(err, storage.ErrOutOfBounds) ||
		errors.Is(err, storage.ErrTooOldSample) || errors.Is(err, storage.ErrDuplicateSampleForTimestamp)
}

// Select reads every matching series that has a sample in [from, to], sorted by labels.
func (d *DB) Select(ctx context.Context, sel Selector, from, to int64) ([]Series, error) {
	var all []Series
	var rd samples
	err := d.each(ctx, sel, from, to, func(s storage.Series) error {
		one, err := rd.read(s)
		if err == nil && len(one.T) > 0 {
			all = append(all, one)
		}
		return err
	})
	return all, err
}

// Series lists the labels of every matching series that was written to on a
// day of [from, to]: the real server's index goes by day, too.
func (d *DB) Series(ctx context.Context, sel Selector, from, to int64) ([]labels.Labels, error) {
	const day = int64(24 * time.Hour / time.Millisecond)
	from, to = from-from%day, to-to%day+day-1
	var all []labels.Labels
	err := d.each(ctx, sel, from, to, func(s storage.Series) error {
		if s.Iterator(nil).Next() != chunkenc.ValNone {
			all = append(all, s.Labels())
		}
		return nil
	})
	return all, err
}

func (d *DB) each(ctx context.Context, sel Selector, from, to int64, do func(storage.Series) error) (err error) {
	q, err := d.tsdb.Querier(from, to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, q.Close()) }()
	set := selectAny(ctx, q, sel)
	for set.Next() {
		if err := errors.Join(ctx.Err(), do(set.At())); err != nil {
			return err
		}
	}
	return set.Err()
}

func selectAny(ctx context.Context, q storage.Querier, sel Selector) storage.SeriesSet {
	var sets []storage.SeriesSet
	for _, group := range sel {
		sets = append(sets, q.Select(ctx, true, nil, group...))
	}
	if len(sets) == 1 {
		return sets[0]
	}
	return storage.NewMergeSeriesSet(sets, 0, storage.ChainedSeriesMerge)
}

// samples is room that one read after the other uses.
type samples struct {
	it chunkenc.Iterator
	t  []int64
	v  []float64
}

func (r *samples) read(s storage.Series) (Series, error) {
	r.it = s.Iterator(r.it)
	r.t, r.v = r.t[:0], r.v[:0]
	for r.it.Next() == chunkenc.ValFloat {
		t, v := r.it.At()
		r.t, r.v = append(r.t, t), append(r.v, v)
	}
	return Series{Labels: s.Labels(), T: slices.Clone(r.t), V: slices.Clone(r.v)}, r.it.Err()
}

// All returns the selector that every series matches.
func All() Selector {
	return Selector{{labels.MustNewMatcher(labels.MatchNotEqual, model.MetricNameLabel, "")}}
}
