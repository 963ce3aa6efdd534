package engine

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/VictoriaMetrics/metricsql"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

// evalPromQL writes e as PromQL over its already evaluated parts and runs that.
func (r *run) evalPromQL(e metricsql.Expr, g grid) ([]store.Series, error) {
	query, err := r.translate(e, g)
	if err != nil {
		return nil, err
	}
	value, err := r.execute(query, g)
	if err != nil {
		return nil, r.explain(e, g, err)
	}
	return convert(value, g), nil
}

func (r *run) execute(query string, g grid) (parser.Value, error) {
	opts := promql.NewPrometheusQueryOpts(false, time.Millisecond)
	q, err := r.engine.promql.NewRangeQuery(r.ctx, queryable(r.virtual), opts, query, at(g.start), at(g.end), time.Duration(g.step)*time.Millisecond)
	if g.start == g.end {
		q, err = r.engine.promql.NewInstantQuery(r.ctx, queryable(r.virtual), opts, query, at(g.start))
	}
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", query, err)
	}
	defer q.Close()
	res := q.Exec(r.ctx)
	return detach(res.Value), res.Err
}

func at(ms int64) time.Time { return time.UnixMilli(ms) }

// detach copies what the engine takes back into its pools on Close.
func detach(v parser.Value) parser.Value {
	m, ok := v.(promql.Matrix)
	if !ok {
		return v
	}
	out := make(promql.Matrix, len(m))
	for i, s := range m {
		out[i] = promql.Series{Metric: s.Metric, Floats: append([]promql.FPoint(nil), s.Floats...)}
	}
	return out
}

func convert(v parser.Value, g grid) []store.Series {
	var out []store.Series
	switch v := v.(type) {
	case promql.Scalar:
		return []store.Series{constant(v.V, g)}
	case promql.Vector:
		for _, s := range v {
			out = append(out, store.Series{Labels: s.Metric, T: []int64{g.start}, V: []float64{s.F}})
		}
	case promql.Matrix:
		for _, s := range v {
			out = append(out, points(s))
		}
	}
	return out
}

func points(s promql.Series) store.Series {
	out := store.Series{Labels: s.Metric, T: make([]int64, len(s.Floats)), V: make([]float64, len(s.Floats))}
	for i, p := range s.Floats {
		out.T[i], out.V[i] = p.T, p.F
	}
	return out
}

// constant is a series without labels that has v at every point.
func constant(v float64, g grid) store.Series {
	return spread([]store.Series{{T: []int64{g.start}, V: []float64{v}}}, g)[0]
}

// scalar evaluates e at the end of the grid; NaN when it has no value there.
func (r *run) scalar(e metricsql.Expr, g grid) (float64, error) {
	switch e := e.(type) {
	case *metricsql.NumberExpr:
		return e.N, nil
	case *metricsql.DurationExpr:
		return float64(e.Duration(g.step)) / 1e3, nil
	}
	series, err := r.eval(e, grid{start: g.end, end: g.end, step: g.step})
	if err != nil || len(series) != 1 || len(series[0].V) == 0 {
		return math.NaN(), err
	}
	return series[0].V[0], nil
}

// explain puts an error of the PromQL engine into the words of the real server.
func (r *run) explain(e metricsql.Expr, g grid, err error) error {
	if r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	var canceled promql.ErrQueryCanceled
	if errors.As(err, &canceled) {
		return err
	}
	if strings.Contains(err.Error(), "matching") || strings.Contains(err.Error(), "duplicate series") {
		if clash := r.findClash(e, g); clash != nil {
			return clash
		}
	}
	return evalErrorf("cannot evaluate %q: %s", text(e), err)
}
