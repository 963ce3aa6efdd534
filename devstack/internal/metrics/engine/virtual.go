package engine

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/annotations"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

// virtualPrefix begins the metric name under which the PromQL engine selects
// an evaluated part.
const virtualPrefix = "evaluated:"

// queryable shows evaluated parts to the PromQL engine as stored series.
type queryable [][]store.Series

// Querier returns the parts; they hold their whole range already.
func (q queryable) Querier(int64, int64) (storage.Querier, error) { return querier(q), nil }

type querier [][]store.Series

// Select returns the part that the name matcher numbers.
func (q querier) Select(_ context.Context, sorted bool, _ *storage.SelectHints, ms ...*labels.Matcher) storage.SeriesSet {
	for _, m := range ms {
		if m.Name != model.MetricNameLabel {
			continue
		}
		n, err := strconv.Atoi(strings.TrimPrefix(m.Value, virtualPrefix))
		if err == nil && n < len(q) {
			return newSeriesSet(q[n], sorted)
		}
	}
	return storage.EmptySeriesSet()
}

// LabelValues is never asked by an engine.
func (q querier) LabelValues(context.Context, string, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

// LabelNames is never asked by an engine.
func (q querier) LabelNames(context.Context, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

// Close has nothing to release.
func (q querier) Close() error { return nil }

type seriesSet struct {
	series []store.Series
	at     int
}

func newSeriesSet(series []store.Series, sorted bool) *seriesSet {
	if sorted {
		series = slices.Clone(series)
		sortSeries(series)
	}
	return &seriesSet{series: series, at: -1}
}

// Next goes to the next series.
func (s *seriesSet) Next() bool { s.at++; return s.at < len(s.series) }

// At returns the current series.
func (s *seriesSet) At() storage.Series { return stored{&s.series[s.at]} }

// Err is always nil: everything is in memory.
func (s *seriesSet) Err() error { return nil }

// Warnings are never given.
func (s *seriesSet) Warnings() annotations.Annotations { return nil }

type stored struct{ s *store.Series }

// Labels returns the labels of the series.
func (s stored) Labels() labels.Labels { return s.s.Labels }

// Iterator reads the samples, reusing it where it can.
func (s stored) Iterator(it chunkenc.Iterator) chunkenc.Iterator {
	f, ok := it.(*floats)
	if !ok {
		f = &floats{}
	}
	f.s, f.at = s.s, -1
	return f
}
