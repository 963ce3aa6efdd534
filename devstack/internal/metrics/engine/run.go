package engine

import (
	"context"
	"slices"
	"time"

	"github.com/VictoriaMetrics/metricsql"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

// grid is the points of time at which an expression is evaluated, in
// milliseconds, both ends included.
type grid struct{ start, end, step int64 }

func (g grid) points() int { return int((g.end-g.start)/g.step) + 1 }

// run is the evaluation of one query.
type run struct {
	engine  *Engine
	ctx     context.Context
	source  Source
	filters store.Selector
	now     func() time.Time
	fetched int
	virtual [][]store.Series // evaluated parts, by number
}

// eval returns the series of e at the points of g.
func (r *run) eval(e metricsql.Expr, g grid) ([]store.Series, error) {
	switch e := e.(type) {
	case *metricsql.StringExpr:
		return nil, nil
	case *metricsql.MetricExpr:
		return r.rollup("default_rollup", &metricsql.RollupExpr{Expr: e}, nil, g)
	case *metricsql.RollupExpr:
		return r.rollup("default_rollup", e, nil, g)
	case *metricsql.FuncExpr:
		if series, done, err := r.evalFunc(e, g); done {
			return series, err
		}
	case *metricsql.BinaryOpExpr:
		if isGapOp(e.Op) {
			return r.evalGapOp(e, g)
		}
	}
	return r.evalPromQL(e, g)
}

// evalFunc evaluates the functions that PromQL lacks or does otherwise.
func (r *run) evalFunc(e *metricsql.FuncExpr, g grid) ([]store.Series, bool, error) {
	name := lower(e.Name)
	if metricsql.IsRollupFunc(name) && name != "absent_over_time" {
		series, err := r.evalRollupFunc(e, g)
		return series, true, err
	}
	own, ok := ownFuncs()[name]
	if !ok {
		return nil, false, nil
	}
	series, err := own(r, e, g)
	return series, true, err
}

// clean drops NaN samples and series without samples.
func clean(series []store.Series) []store.Series {
	for i := range series {
		series[i] = withoutNaN(series[i])
	}
	return slices.DeleteFunc(series, func(s store.Series) bool { return len(s.T) == 0 })
}

func withoutNaN(s store.Series) store.Series {
	keep := 0
	for i, v := range s.V {
		if v == v {
			s.T[keep], s.V[keep] = s.T[i], v
			keep++
		}
	}
	s.T, s.V = s.T[:keep], s.V[:keep]
	return s
}

func checkUnique(series []store.Series) error {
	seen := make(map[string]struct{}, len(series))
	var buf []byte
	for _, s := range series {
		buf = s.Labels.Bytes(buf)
		if _, twice := seen[string(buf)]; twice {
			return evalErrorf("duplicate output timeseries: %s", s.Labels)
		}
		seen[string(buf)] = struct{}{}
	}
	return nil
}

func sortSeries(series []store.Series) {
	slices.SortStableFunc(series, func(a, b store.Series) int { return labels.Compare(a.Labels, b.Labels) })
}

// keepsOrder says whether the order of e's result is its point.
func keepsOrder(e metricsql.Expr) bool {
	switch e := e.(type) {
	case *metricsql.FuncExpr:
		name := lower(e.Name)
		return len(name) >= 4 && name[:4] == "sort" || name == "limit_offset"
	case *metricsql.AggrFuncExpr:
		name := lower(e.Name)
		return name == "topk" || name == "bottomk"
	}
	return false
}
