package engine

import (
	"fmt"
	"math"
	"strconv"

	"github.com/VictoriaMetrics/metricsql"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

type ownFunc func(r *run, e *metricsql.FuncExpr, g grid) ([]store.Series, error)

// ownFuncs lists the functions that PromQL lacks or that lose the metric's
// name there.
func ownFuncs() map[string]ownFunc {
	return map[string]ownFunc{
		"union": (*run).union, "": (*run).union,
		"histogram_quantiles": (*run).histogramQuantiles,
		"label_set":           (*run).labelSet,
		"label_del":           relabel(func(b *labels.Builder, names []string) { b.Del(names...) }),
		"label_keep":          relabel(func(b *labels.Builder, names []string) { b.Keep(names...) }),
		"ceil":                elementwise(0, func(v float64, _ []float64) float64 { return math.Ceil(v) }),
		"floor":               elementwise(0, func(v float64, _ []float64) float64 { return math.Floor(v) }),
		"clamp":               elementwise(2, func(v float64, a []float64) float64 { return math.Max(a[0], math.Min(a[1], v)) }),
		"clamp_min":           elementwise(1, func(v float64, a []float64) float64 { return math.Max(a[0], v) }),
		"clamp_max":           elementwise(1, func(v float64, a []float64) float64 { return math.Min(a[0], v) }),
		"round":               (*run).round,
		"start":               constantly(func(_ *run, g grid) float64 { return float64(g.start) / 1e3 }),
		"end":                 constantly(func(_ *run, g grid) float64 { return float64(g.end) / 1e3 }),
		"step":                constantly(func(_ *run, g grid) float64 { return float64(g.step) / 1e3 }),
		"now":                 constantly(func(r *run, _ grid) float64 { return float64(r.now().UnixMilli()) / 1e3 }),
	}
}

func constantly(value func(r *run, g grid) float64) ownFunc {
	return func(r *run, _ *metricsql.FuncExpr, g grid) ([]store.Series, error) {
		return []store.Series{constant(value(r, g), g)}, nil
	}
}

// union is the series of all arguments; of equal ones the first.
func (r *run) union(e *metricsql.FuncExpr, g grid) ([]store.Series, error) {
	var out []store.Series
	seen := map[string]bool{}
	for _, a := range e.Args {
		series, err := r.eval(a, g)
		if err != nil {
			return nil, err
		}
		for _, s := range series {
			if key := s.Labels.String(); !seen[key] {
				seen[key] = true
				out = append(out, s)
			}
		}
	}
	return out, nil
}

// histogramQuantiles is one histogram_quantile per phi, told apart by a label.
func (r *run) histogramQuantiles(e *metricsql.FuncExpr, g grid) ([]store.Series, error) {
	if len(e.Args) < 3 {
		return nil, argCount(e, 3)
	}
	name, ok := e.Args[0].(*metricsql.StringExpr)
	if !ok {
		return nil, evalErrorf("cannot evaluate %q: the first argument must be a label name", text(e))
	}
	last := len(e.Args) - 1
	buckets, err := r.eval(e.Args[last], g)
	if err != nil {
		return nil, err
	}
	var out []store.Series
	part := r.part(buckets, e.Args[last])
	for _, phi := range e.Args[1:last] {
		quantiles, err := r.quantileOf(phi, part, g)
		if err != nil {
			return nil, err
		}
		out = append(out, labelled(quantiles, name.S, text(phi))...)
	}
	return out, nil
}

func (r *run) quantileOf(phi metricsql.Expr, part string, g grid) ([]store.Series, error) {
	p, err := r.scalar(phi, g)
	if err != nil {
		return nil, err
	}
	value, err := r.execute(fmt.Sprintf("histogram_quantile(%s, %s)", number(p), part), g)
	return convert(value, g), err
}

func labelled(series []store.Series, name, value string) []store.Series {
	for i := range series {
		series[i].Labels = labels.NewBuilder(series[i].Labels).Set(name, value).Labels()
	}
	return series
}

func (r *run) labelSet(e *metricsql.FuncExpr, g grid) ([]store.Series, error) {
	names, series, err := r.withStrings(e, g)
	if err != nil || len(names)%2 != 0 {
		return nil, argCountOr(err, e, len(e.Args)+1)
	}
	for i := 0; i < len(names); i += 2 {
		series = labelled(series, names[i], names[i+1])
	}
	return series, nil
}

func relabel(change func(b *labels.Builder, names []string)) ownFunc {
	return func(r *run, e *metricsql.FuncExpr, g grid) ([]store.Series, error) {
		names, series, err := r.withStrings(e, g)
		for i := range series {
			b := labels.NewBuilder(series[i].Labels)
			change(b, names)
			series[i].Labels = b.Labels()
		}
		return series, err
	}
}

// withStrings evaluates the first argument and takes the others as strings.
func (r *run) withStrings(e *metricsql.FuncExpr, g grid) (names []string, series []store.Series, err error) {
	if len(e.Args) < 1 {
		return nil, nil, argCount(e, 1)
	}
	for _, a := range e.Args[1:] {
		s, ok := a.(*metricsql.StringExpr)
		if !ok {
			return nil, nil, evalErrorf("cannot evaluate %q: %q must be a string", text(e), text(a))
		}
		names = append(names, s.S)
	}
	series, err = r.eval(e.Args[0], g)
	return names, series, err
}

func elementwise(args int, f func(v float64, args []float64) float64) ownFunc {
	return func(r *run, e *metricsql.FuncExpr, g grid) ([]store.Series, error) {
		if len(e.Args) != args+1 {
			return nil, argCount(e, args+1)
		}
		return r.each(e, g, f)
	}
}

func (r *run) round(e *metricsql.FuncExpr, g grid) ([]store.Series, error) {
	if len(e.Args) == 0 || len(e.Args) > 2 {
		return nil, argCount(e, 1)
	}
	return r.each(e, g, func(v float64, args []float64) float64 {
		nearest := 1.0
		if len(args) > 0 {
			nearest = args[0]
		}
		inverse := 1 / nearest
		return math.Floor(v*inverse+0.5) / inverse
	})
}

func (r *run) each(e *metricsql.FuncExpr, g grid, f func(v float64, args []float64) float64) ([]store.Series, error) {
	args := make([]float64, 0, 2)
	for _, a := range e.Args[1:] {
		v, err := r.scalar(a, g)
		if err != nil {
			return nil, err
		}
		args = append(args, v)
	}
	series, err := r.eval(e.Args[0], g)
	for _, s := range series {
		for i, v := range s.V {
			s.V[i] = f(v, args)
		}
	}
	return series, err
}

func argCount(e *metricsql.FuncExpr, want int) error {
	return &EvalError{Bare: true, Text: fmt.Sprintf("cannot evaluate %q: unexpected number of args; got %s; want %d", text(e), strconv.Itoa(len(e.Args)), want)}
}

func argCountOr(err error, e *metricsql.FuncExpr, want int) error {
	if err != nil {
		return err
	}
	return argCount(e, want)
}
