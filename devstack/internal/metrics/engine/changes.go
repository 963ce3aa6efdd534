package engine

import "math"

// delta is the change over the window, measured from the sample before it. A
// series that begins inside the window counts from zero when its first value
// looks like a fresh counter's.
func delta(w *window) float64 {
	prev, values := w.prev, w.v
	if math.IsNaN(prev) {
		if len(values) == 0 {
			return math.NaN()
		}
		if !math.IsNaN(w.realPrev) {
			return values[len(values)-1] - w.realPrev
		}
		prev, values = beginning(w)
	}
	if len(values) == 0 {
		return 0
	}
	return values[len(values)-1] - prev
}

func beginning(w *window) (prev float64, rest []float64) {
	step := 0.0
	if len(w.v) > 1 {
		step = w.v[1] - w.v[0]
	} else if !math.IsNaN(w.next) {
		step = w.next - w.v[0]
	}
	if step == 0 {
		step = 10
	}
	if math.Abs(w.v[0]) < 10*(math.Abs(step)+1) {
		return 0, w.v
	}
	return w.v[0], w.v[1:]
}

func increasePure(w *window) float64 {
	prev := w.prev
	if math.IsNaN(prev) {
		if len(w.v) == 0 {
			return math.NaN()
		}
		prev = 0
	}
	if len(w.v) == 0 {
		return 0
	}
	return w.v[len(w.v)-1] - prev
}

// deltaInside looks at the window only, as Prometheus does, without extrapolation.
func deltaInside(w *window) float64 {
	if len(w.v) < 2 {
		return math.NaN()
	}
	return w.v[len(w.v)-1] - w.v[0]
}

func rateInside(w *window) float64 {
	if len(w.v) < 2 {
		return math.NaN()
	}
	return deltaInside(w) / seconds(w.ts[0], w.ts[len(w.ts)-1])
}

func derivFast(w *window) float64 {
	prev, prevT, values := w.prev, w.prevT, w.v
	if math.IsNaN(prev) {
		if len(values) < 2 {
			return math.NaN()
		}
		prev, prevT = values[0], w.ts[0]
	}
	if len(values) == 0 {
		return 0
	}
	return (values[len(values)-1] - prev) / seconds(prevT, w.ts[len(w.ts)-1])
}

// ideriv is the slope between the last two samples, the earlier of which may
// lie before the window.
func ideriv(w *window) float64 {
	n := len(w.v)
	if n < 2 {
		if n == 0 || math.IsNaN(w.prev) {
			return math.NaN()
		}
		return (w.v[0] - w.prev) / seconds(w.prevT, w.ts[0])
	}
	return (w.v[n-1] - w.v[n-2]) / seconds(w.ts[n-2], w.ts[n-1])
}

func idelta(w *window) float64 {
	n := len(w.v)
	switch {
	case n == 0 && math.IsNaN(w.prev):
		return math.NaN()
	case n == 0:
		return 0
	case n == 1 && math.IsNaN(w.prev):
		return w.v[0]
	case n == 1:
		return w.v[0] - w.prev
	}
	return w.v[n-1] - w.v[n-2]
}

// changes counts the appearance of a series as a change, too.
func changes(w *window) float64 {
	if math.IsNaN(w.prev) && len(w.v) == 0 {
		return math.NaN()
	}
	n, prev := 0.0, w.prev
	for _, v := range w.v {
		if v != prev {
			n++
		}
		prev = v
	}
	return n
}

func changesInside(w *window) float64 {
	if len(w.v) == 0 {
		return math.NaN()
	}
	n := 0.0
	for i := 1; i < len(w.v); i++ {
		if w.v[i] != w.v[i-1] {
			n++
		}
	}
	return n
}

func resets(w *window) float64 {
	if len(w.v) == 0 {
		if math.IsNaN(w.prev) {
			return math.NaN()
		}
		return 0
	}
	n, prev := 0.0, w.prev
	for _, v := range w.v {
		if v < prev {
			n++
		}
		prev = v
	}
	return n
}

func seconds(from, to int64) float64 { return float64(to-from) / 1e3 }
