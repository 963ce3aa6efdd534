package engine

import (
	"github.com/VictoriaMetrics/metricsql"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

// isGapOp tells the operators of MetricsQL that fill or cut gaps.
func isGapOp(op string) bool {
	switch lower(op) {
	case "default", "if", "ifnot":
		return true
	}
	return false
}

// evalGapOp evaluates default, if and ifnot point by point. A right side
// without labels holds for every series on the left.
func (r *run) evalGapOp(e *metricsql.BinaryOpExpr, g grid) ([]store.Series, error) {
	left, err := r.eval(e.Left, g)
	if err != nil {
		return nil, err
	}
	right, err := r.eval(e.Right, g)
	if err != nil {
		return nil, err
	}
	left, right = clean(left), clean(right)
	if lower(e.Op) == "default" && len(left) == 0 {
		return right, nil
	}
	partners := byKey(right, e.GroupModifier)
	out := make([]store.Series, 0, len(left))
	for _, l := range left {
		p, ok := partners[key(l.Labels, e.GroupModifier)]
		if !ok && len(right) == 1 && right[0].Labels.IsEmpty() {
			p = right[0]
		}
		out = append(out, combine(lower(e.Op), l, p, g))
	}
	return out, nil
}

func byKey(series []store.Series, m metricsql.ModifierExpr) map[string]store.Series {
	out := map[string]store.Series{}
	for _, s := range series {
		out[key(s.Labels, m)] = s
	}
	return out
}

// key is the part of the labels that both sides of an operator must share.
func key(l labels.Labels, m metricsql.ModifierExpr) string {
	if lower(m.Op) == "on" {
		return labels.NewBuilder(l).Keep(m.Args...).Labels().String()
	}
	return labels.NewBuilder(l).Del(append([]string{model.MetricNameLabel}, m.Args...)...).Labels().String()
}

func combine(op string, l, r store.Series, g grid) store.Series {
	left, right := index(l), index(r)
	out := store.Series{Labels: l.Labels}
	for t := g.start; t <= g.end; t += g.step {
		v, ok := left[t]
		other, has := right[t]
		switch {
		case op == "default" && !ok:
			v, ok = other, has
		case op == "if":
			ok = ok && has
		case op == "ifnot":
			ok = ok && !has
		}
		if ok {
			out.T, out.V = append(out.T, t), append(out.V, v)
		}
	}
	return out
}

func index(s store.Series) map[int64]float64 {
	out := make(map[int64]float64, len(s.T))
	for i, t := range s.T {
		out[t] = s.V[i]
	}
	return out
}
