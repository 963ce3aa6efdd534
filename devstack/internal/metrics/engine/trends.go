package engine

import "math"

// deriv is the slope of the least-squares line, per second.
func deriv(w *window) float64 {
	_, slope := line(w)
	return slope
}

func predictLinear(w *window) float64 {
	value, slope := line(w)
	return value + slope*w.args[0]
}

// line fits value + slope*x with x in seconds after the grid point.
func line(w *window) (value, slope float64) {
	n := float64(len(w.v))
	if len(w.v) == 0 {
		return math.NaN(), math.NaN()
	}
	var sx, sy, sxy, sxx float64
	for i, y := range w.v {
		x := seconds(w.t, w.ts[i])
		sx, sy, sxy, sxx = sx+x, sy+y, sxy+x*y, sxx+x*x
	}
	d := sxx - sx*sx/n
	if math.Abs(d) < 1e-6 {
		return w.v[0], 0
	}
	slope = (sxy - sx*sy/n) / d
	return sy/n - slope*sx/n, slope
}
