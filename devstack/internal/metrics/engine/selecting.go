package engine

import (
	"github.com/VictoriaMetrics/metricsql"
	"github.com/prometheus/common/model"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

// silence is how far before a window the real server looks for a sample, and
// the lookback of an instant selector without a step.
const silence = 5 * 60 * 1000

func (r *run) evalRollupFunc(e *metricsql.FuncExpr, g grid) ([]store.Series, error) {
	name := lower(e.Name)
	if len(e.Args) == 0 {
		return nil, evalErrorf("expecting at least 1 args to %q; got 0 args; expr: %q", name, text(e))
	}
	at := metricsql.GetRollupArgIdx(e)
	if at >= len(e.Args) {
		return nil, evalErrorf("expecting at least %d args to %q; got %d args; expr: %q", at+1, name, len(e.Args), text(e))
	}
	args, err := r.scalars(e, at, g)
	if err != nil {
		return nil, err
	}
	re, ok := e.Args[at].(*metricsql.RollupExpr)
	if !ok {
		re = &metricsql.RollupExpr{Expr: e.Args[at]}
	}
	series, err := r.rollup(name, re, args, g)
	if e.KeepMetricNames || r.engine.rollups[name].keepName {
		return series, err
	}
	return withoutNames(series), err
}

// scalars evaluates the arguments beside the rollup at the end of the grid.
func (r *run) scalars(e *metricsql.FuncExpr, skip int, g grid) ([]float64, error) {
	var out []float64
	for i, a := range e.Args {
		if i == skip {
			continue
		}
		v, err := r.scalar(a, g)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	if needed := scalarArgs(lower(e.Name)); len(out) != needed {
		return nil, evalErrorf("unexpected number of args for %q; got %d; want %d", text(e), len(out)+1, needed+1)
	}
	return out, nil
}

func scalarArgs(name string) int {
	switch name {
	case "quantile_over_time", "predict_linear", "count_gt_over_time", "count_le_over_time", "count_eq_over_time",
		"count_ne_over_time", "share_gt_over_time", "share_le_over_time", "share_eq_over_time":
		return 1
	}
	return 0
}

// rollup evaluates one rollup function, names kept.
func (r *run) rollup(name string, re *metricsql.RollupExpr, args []float64, g grid) ([]store.Series, error) {
	kind, ok := r.engine.rollups[name]
	if !ok {
		return nil, evalErrorf("the stand-in does not know the rollup function %q", name)
	}
	var offset int64
	if re.Offset != nil {
		offset = re.Offset.Duration(g.step)
	}
	inner := grid{start: g.start - offset, end: g.end - offset, step: g.step}
	if re.At != nil {
		at, err := r.scalar(re.At, g)
		if err != nil {
			return nil, err
		}
		inner.start = int64(at*1e3) - offset
		inner.end = inner.start
	}
	series, err := r.rollInner(kind, re, args, inner)
	if err != nil {
		return nil, err
	}
	if re.At != nil {
		return spread(series, g), nil
	}
	return shift(series, offset), nil
}

func (r *run) rollInner(kind rollupKind, re *metricsql.RollupExpr, args []float64, g grid) ([]store.Series, error) {
	var width int64
	if re.Window != nil {
		width = re.Window.Duration(g.step)
	}
	input, err := r.input(kind, re, width, g)
	if err != nil {
		return nil, err
	}
	if n := g.points() * len(input); n > maxSamples {
		return nil, evalErrorf("too many points: %d in %d series; the maximum is %d", n, len(input), maxSamples)
	}
	out := make([]store.Series, 0, len(input))
	for _, s := range input {
		if err := r.ctx.Err(); err != nil {
			return nil, err
		}
		if kind.counter {
			s.V = withoutResets(s.V)
		}
		s.T, s.V = frameOf(s.T, kind, width, g).roll(s.T, s.V, args, kind.f)
		if len(s.T) > 0 {
			out = append(out, s)
		}
	}
	return out, nil
}

// input reads or evaluates the series below a rollup, with enough history.
func (r *run) input(kind rollupKind, re *metricsql.RollupExpr, width int64, g grid) ([]store.Series, error) {
	me, ok := re.Expr.(*metricsql.MetricExpr)
	if !ok || re.Step != nil || re.InheritStep {
		return r.subquery(re, width, g)
	}
	if len(me.LabelFilterss) == 0 {
		return nil, nil
	}
	sel, err := selector(me)
	if err != nil {
		return nil, err
	}
	from := g.start - max(width, g.step)
	if kind.silence {
		from -= silence
	}
	series, err := r.source.Select(r.ctx, And(sel, r.filters), from, g.end)
	r.fetched += len(series)
	return series, err
}

func (r *run) subquery(re *metricsql.RollupExpr, width int64, g grid) ([]store.Series, error) {
	step := g.step
	if re.Step != nil {
		step = re.Step.Duration(g.step)
	}
	if step <= 0 {
		return nil, evalErrorf("the step of a subquery must be positive; got %dms", step)
	}
	from, to := g.start-width-step-silence, g.end+step
	inner := grid{start: from - from%step, end: to - to%step, step: step}
	if inner.points() > maxSamples/100 {
		return nil, evalErrorf("too many points in a subquery: %d", inner.points())
	}
	series, err := r.eval(re.Expr, inner)
	return clean(series), err
}

// frameOf decides how wide the windows of a series are.
func frameOf(ts []int64, kind rollupKind, width int64, g grid) frame {
	maxPrev := patience(scrapeInterval(ts, g.step))
	if width <= 0 {
		width = g.step
		if kind.adjust && width < maxPrev {
			width = maxPrev
		}
	}
	return frame{grid: g, width: width, maxPrev: maxPrev}
}

func withoutNames(series []store.Series) []store.Series {
	for i := range series {
		series[i].Labels = series[i].Labels.DropReserved(func(n string) bool { return n == model.MetricNameLabel })
	}
	return series
}

func shift(series []store.Series, offset int64) []store.Series {
	for i := range series {
		for j := range series[i].T {
			series[i].T[j] += offset
		}
	}
	return series
}

// spread repeats the one point of each series at every point of g.
func spread(series []store.Series, g grid) []store.Series {
	for i, s := range series {
		v := s.V[0]
		s.T, s.V = nil, nil
		for t := g.start; t <= g.end; t += g.step {
			s.T, s.V = append(s.T, t), append(s.V, v)
		}
		series[i] = s
	}
	return series
}
