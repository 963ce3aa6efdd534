package engine

import (
	"math"
	"slices"
	"sort"
)

// window is what a rollup function sees for one point of the grid: the
// samples in (t-width, t] and their neighbours. Absent values are NaN.
type window struct {
	t        int64 // grid point
	v        []float64
	ts       []int64
	prev     float64 // last sample before the window, unless it is too old
	prevT    int64
	realPrev float64 // the same, however old
	next     float64 // first sample after the window
	args     []float64
}

// frame is the geometry of one series' windows.
type frame struct {
	grid
	width   int64
	maxPrev int64 // how far before the window prev may lie
}

// roll evaluates f at every grid point and returns the points that exist.
func (fr frame) roll(ts []int64, vs []float64, args []float64, f rollupFunc) ([]int64, []float64) {
	n := fr.points()
	outT, outV := make([]int64, 0, n), make([]float64, 0, n)
	w := window{args: args}
	i, j := 0, 0
	for t := fr.start; t <= fr.end; t += fr.step {
		for i < len(ts) && ts[i] <= t-fr.width {
			i++
		}
		for j < len(ts) && ts[j] <= t {
			j++
		}
		w.cut(ts, vs, min(i, j), j, t, fr)
		if v := f(&w); !math.IsNaN(v) {
			outT, outV = append(outT, t), append(outV, v)
		}
	}
	return outT, outV
}

func (w *window) cut(ts []int64, vs []float64, i, j int, t int64, fr frame) {
	w.t, w.v, w.ts = t, vs[i:j], ts[i:j]
	w.prev, w.realPrev, w.next, w.prevT = math.NaN(), math.NaN(), math.NaN(), t-fr.width
	if i > 0 {
		w.realPrev = vs[i-1]
		if ts[i-1] > t-fr.width-fr.maxPrev {
			w.prev, w.prevT = vs[i-1], ts[i-1]
		}
	}
	if j < len(vs) {
		w.next = vs[j]
	}
}

// scrapeInterval estimates how often a series is written: the 0.6 quantile of
// its last twenty distances, or otherwise for fewer than two samples.
func scrapeInterval(ts []int64, otherwise int64) int64 {
	if len(ts) < 2 {
		return otherwise
	}
	ts = ts[max(0, len(ts)-21):]
	gaps := make([]float64, 0, 20)
	for i := 1; i < len(ts); i++ {
		gaps = append(gaps, float64(ts[i]-ts[i-1]))
	}
	if gap := int64(quantile(0.6, gaps)); gap > 0 {
		return gap
	}
	return otherwise
}

// patience widens a scrape interval by the jitter that is normal for it:
// beyond that a series counts as ended.
func patience(interval int64) int64 {
	steps := []struct {
		upTo     int64
		multiple int64 // in eighths
	}{{2000, 40}, {4000, 24}, {8000, 16}, {16000, 12}, {32000, 10}}
	for _, s := range steps {
		if interval <= s.upTo {
			return interval * s.multiple / 8
		}
	}
	return interval + interval/8
}

// quantile interpolates linearly between the ranks of unsorted values.
func quantile(phi float64, values []float64) float64 {
	if len(values) == 0 || math.IsNaN(phi) {
		return math.NaN()
	}
	if phi < 0 {
		return math.Inf(-1)
	}
	if phi > 1 {
		return math.Inf(1)
	}
	sorted := slices.Clone(values)
	sort.Float64s(sorted)
	n := float64(len(sorted))
	rank := phi * (n - 1)
	lower := math.Max(0, math.Floor(rank))
	upper := math.Min(n-1, lower+1)
	weight := rank - math.Floor(rank)
	return sorted[int(lower)]*(1-weight) + sorted[int(upper)]*weight
}

// withoutResets returns the values of a counter as if it never restarted.
func withoutResets(values []float64) []float64 {
	out := slices.Clone(values)
	var correction, prev float64
	for i, v := range values {
		if i > 0 && v < prev {
			correction += lost(prev, v)
		}
		prev = v
		out[i] = v + correction
	}
	return out
}

// lost tells a restart, which loses everything, from a small step back, which
// is a scrape of a lagging replica.
func lost(prev, v float64) float64 {
	if (prev-v)*8 < prev {
		return prev - v
	}
	return prev
}
