package engine

import (
	"sort"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/tsdb/chunkenc"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

// floats iterates over the samples of a series for the PromQL engine.
type floats struct {
	s  *store.Series
	at int
}

// Next goes to the next sample.
func (f *floats) Next() chunkenc.ValueType {
	f.at++
	return f.value()
}

// millis keeps go vet from taking chunkenc's Seek for a broken io.Seeker.
type millis = int64

// Seek goes to the first sample at or after t, never back.
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

// At returns the current sample.
func (f *floats) At() (int64, float64) { return f.s.T[f.at], f.s.V[f.at] }

// AtT returns the time of the current sample.
func (f *floats) AtT() int64 { return f.s.T[f.at] }

// AtST returns no start time: none is stored.
func (f *floats) AtST() int64 { return 0 }

// Err is always nil: everything is in memory.
func (f *floats) Err() error { return nil }

// AtHistogram is never asked: no sample is a histogram.
func (f *floats) AtHistogram(*histogram.Histogram) (int64, *histogram.Histogram) { return 0, nil }

// AtFloatHistogram is never asked: no sample is a histogram.
func (f *floats) AtFloatHistogram(*histogram.FloatHistogram) (int64, *histogram.FloatHistogram) {
	return 0, nil
}
