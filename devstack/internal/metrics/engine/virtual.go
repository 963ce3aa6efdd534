package engine

import (
	"context"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/histogram"
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
		if m.Name != labels.MetricName {
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

func (s *seriesSet) Next() bool                        { s.at++; return s.at < len(s.series) }
func (s *seriesSet) At() storage.Series                { return stored{&s.series[s.at]} }
func (s *seriesSet) Err() error                        { return nil }
func (s *seriesSet) Warnings() annotations.Annotations { return nil }

type stored struct{ s *store.Series }

func (s stored) Labels() labels.Labels { return s.s.Labels }

func (s stored) Iterator(it chunkenc.Iterator) chunkenc.Iterator {
	f, ok := it.(*floats)
	if !ok {
		f = &floats{}
	}
	f.s, f.at = s.s, -1
	return f
}

// floats iterates over the samples of a series.
type floats struct {
	s  *store.Series
	at int
}

func (f *floats) Next() chunkenc.ValueType {
	f.at++
	return f.value()
}

// millis keeps go vet from taking chunkenc's Seek for a broken io.Seeker.
type millis = int64

func (f *floats) Seek(t millis) chunkenc.ValueType {
	from := max(f.at, 0)
	rest := f.s.T[min(from, len(f.s.T)):]
	f.at = from + sort.Search(len(rest), func(i int) bool { return rest[i] >= t })
	return f.value()
}

func (f *floats) value() chunkenc.ValueType {
	if f.at >= len(f.s.T) {
		return chunkenc.ValNone
	}
	return chunkenc.ValFloat
}

func (f *floats) At() (int64, float64) { return f.s.T[f.at], f.s.V[f.at] }
func (f *floats) AtT() int64           { return f.s.T[f.at] }
func (f *floats) AtST() int64          { return 0 }
func (f *floats) Err() error           { return nil }

func (f *floats) AtHistogram(*histogram.Histogram) (int64, *histogram.Histogram) { return 0, nil }

func (f *floats) AtFloatHistogram(*histogram.FloatHistogram) (int64, *histogram.FloatHistogram) {
	return 0, nil
}
