package engine

import "math"

func last(w *window) float64 {
	if len(w.v) == 0 {
		return math.NaN()
	}
	return w.v[len(w.v)-1]
}

func first(v []float64) float64 { return v[0] }
func count(v []float64) float64 { return float64(len(v)) }

func avg(w *window) float64 {
	if len(w.v) == 0 {
		return math.NaN()
	}
	return sum(w.v) / float64(len(w.v))
}

func sum(v []float64) (s float64) {
	for _, x := range v {
		s += x
	}
	return s
}

func variance(v []float64) float64 {
	mean, q := 0.0, 0.0
	for i, x := range v {
		next := mean + (x-mean)/float64(i+1)
		q += (x - mean) * (x - next)
		mean = next
	}
	return q / float64(len(v))
}

func distinct(w *window) float64 {
	if len(w.v) == 0 && math.IsNaN(w.prev) {
		return math.NaN()
	}
	return float64(len(frequencies(w.v)))
}

func frequencies(v []float64) map[float64]int {
	seen := map[float64]int{}
	for _, x := range v {
		seen[x]++
	}
	return seen
}

func timestamp(w *window) float64 {
	if len(w.ts) == 0 {
		return math.NaN()
	}
	return float64(w.ts[len(w.ts)-1]) / 1e3
}

func tfirst(w *window) float64 {
	if len(w.ts) == 0 {
		return math.NaN()
	}
	return float64(w.ts[0]) / 1e3
}

func lag(w *window) float64 {
	switch {
	case len(w.ts) > 0:
		return float64(w.t-w.ts[len(w.ts)-1]) / 1e3
	case !math.IsNaN(w.prev):
		return float64(w.t-w.prevT) / 1e3
	}
	return math.NaN()
}

func lifetime(w *window) float64 {
	ts := w.ts
	switch {
	case len(ts) > 0 && !math.IsNaN(w.prev):
		return float64(ts[len(ts)-1]-w.prevT) / 1e3
	case len(ts) > 1:
		return float64(ts[len(ts)-1]-ts[0]) / 1e3
	}
	return math.NaN()
}

func meanInterval(w *window) float64 {
	n := float64(len(w.ts))
	if math.IsNaN(w.prev) {
		n--
	}
	return lifetime(w) / n
}
