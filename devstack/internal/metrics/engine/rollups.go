package engine

import (
	"math"
	"slices"
)

// rollupFunc reduces a window to one value; NaN means no point.
type rollupFunc func(w *window) float64

// rollupKind is how one MetricsQL rollup function works.
type rollupKind struct {
	f        rollupFunc
	counter  bool // restarts are removed first
	keepName bool // the result keeps the metric's name
	silence  bool // looks at samples before the window
	adjust   bool // a missing window may grow to the scrape interval
}

// rollupKinds lists the rollup functions that are known by name.
func rollupKinds() map[string]rollupKind {
	return map[string]rollupKind{
		"default_rollup":      {f: last, keepName: true, silence: true, adjust: true},
		"rate":                {f: derivFast, counter: true, silence: true, adjust: true},
		"irate":               {f: ideriv, counter: true, silence: true, adjust: true},
		"increase":            {f: delta, counter: true, silence: true},
		"increase_pure":       {f: increasePure, counter: true, silence: true},
		"increase_prometheus": {f: deltaInside, counter: true, silence: true},
		"rate_prometheus":     {f: rateInside, counter: true, silence: true},
		"delta":               {f: delta, silence: true},
		"delta_prometheus":    {f: deltaInside, silence: true},
		"idelta":              {f: idelta, silence: true},
		"deriv":               {f: deriv, silence: true, adjust: true},
		"deriv_fast":          {f: derivFast, silence: true, adjust: true},
		"ideriv":              {f: ideriv, silence: true, adjust: true},
		"predict_linear":      {f: predictLinear, keepName: true, silence: true},
		"changes":             {f: changes, silence: true},
		"changes_prometheus":  {f: changesInside, silence: true},
		"resets":              {f: resets, silence: true},
		"lag":                 {f: lag, silence: true},
		"timestamp":           {f: timestamp, silence: true, adjust: true},
		"timestamp_with_name": {f: timestamp, silence: true, adjust: true, keepName: true},
		"tlast_over_time":     {f: timestamp},
		"tfirst_over_time":    {f: tfirst},
		"lifetime":            {f: lifetime, silence: true},
		"scrape_interval":     {f: meanInterval, silence: true, adjust: true},
		"avg_over_time":       {f: avg, keepName: true},
		"min_over_time":       {f: over(slices.Min[[]float64]), keepName: true},
		"max_over_time":       {f: over(slices.Max[[]float64]), keepName: true},
		"sum_over_time":       {f: over(sum)},
		"count_over_time":     {f: over(count)},
		"present_over_time":   {f: over(func([]float64) float64 { return 1 })},
		"first_over_time":     {f: over(first), keepName: true},
		"last_over_time":      {f: last, keepName: true},
		"median_over_time":    {f: over(func(v []float64) float64 { return quantile(0.5, v) }), keepName: true},
		"range_over_time":     {f: over(func(v []float64) float64 { return slices.Max(v) - slices.Min(v) })},
		"stdvar_over_time":    {f: over(variance)},
		"stddev_over_time":    {f: over(func(v []float64) float64 { return math.Sqrt(variance(v)) })},
		"distinct_over_time":  {f: distinct, silence: true},
		"quantile_over_time":  {f: func(w *window) float64 { return quantile(w.args[0], w.v) }, keepName: true},
		"count_gt_over_time":  {f: counting(func(v, limit float64) bool { return v > limit })},
		"count_le_over_time":  {f: counting(func(v, limit float64) bool { return v <= limit })},
		"count_eq_over_time":  {f: counting(func(v, limit float64) bool { return v == limit })},
		"count_ne_over_time":  {f: counting(func(v, limit float64) bool { return v != limit })},
		"share_gt_over_time":  {f: sharing(func(v, limit float64) bool { return v > limit })},
		"share_le_over_time":  {f: sharing(func(v, limit float64) bool { return v <= limit })},
		"share_eq_over_time":  {f: sharing(func(v, limit float64) bool { return v == limit })},
	}
}

// over lifts a reduction of values; an empty window has no point.
func over(reduce func([]float64) float64) rollupFunc {
	return func(w *window) float64 {
		if len(w.v) == 0 {
			return math.NaN()
		}
		return reduce(w.v)
	}
}

func counting(holds func(v, limit float64) bool) rollupFunc {
	return func(w *window) float64 {
		if len(w.v) == 0 {
			return math.NaN()
		}
		n := 0.0
		for _, v := range w.v {
			if holds(v, w.args[0]) {
				n++
			}
		}
		return n
	}
}

func sharing(holds func(v, limit float64) bool) rollupFunc {
	matching := counting(holds)
	return func(w *window) float64 { return matching(w) / float64(len(w.v)) }
}
