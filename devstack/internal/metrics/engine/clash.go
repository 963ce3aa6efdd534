package engine

import (
	"strings"

	"github.com/VictoriaMetrics/metricsql"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

// findClash looks for the binary operation below e whose sides do not match
// one to one, and says so as the real server does; nil when there is none.
func (r *run) findClash(e metricsql.Expr, g grid) error {
	switch e := e.(type) {
	case *metricsql.BinaryOpExpr:
		for _, side := range []metricsql.Expr{e.Left, e.Right} {
			if clash := r.findClash(side, g); clash != nil {
				return clash
			}
		}
		return r.clash(e, g)
	case *metricsql.AggrFuncExpr:
		return r.clashIn(e.Args, g)
	case *metricsql.FuncExpr:
		return r.clashIn(e.Args, g)
	}
	return nil
}

func (r *run) clashIn(args []metricsql.Expr, g grid) error {
	for _, a := range args {
		if clash := r.findClash(a, g); clash != nil {
			return clash
		}
	}
	return nil
}

func (r *run) clash(e *metricsql.BinaryOpExpr, g grid) error {
	join := lower(e.JoinModifier.Op)
	for i, expr := range []metricsql.Expr{e.Left, e.Right} {
		side := [2]string{"left", "right"}[i]
		if join == "group_"+side {
			continue
		}
		series, err := r.eval(expr, g)
		if err != nil {
			return nil
		}
		if a, b, twice := twins(clean(series), e.GroupModifier); twice {
			return evalErrorf("cannot evaluate %q: duplicate time series on the %s side of %s: %s and %s",
				text(e), side, operator(e), nameless(a), nameless(b))
		}
	}
	return nil
}

func twins(series []store.Series, m metricsql.ModifierExpr) (a, b labels.Labels, twice bool) {
	seen := map[string]labels.Labels{}
	for _, s := range series {
		k := key(s.Labels, m)
		if first, ok := seen[k]; ok {
			return s.Labels, first, true
		}
		seen[k] = s.Labels
	}
	return a, b, false
}

func operator(e *metricsql.BinaryOpExpr) string {
	parts := []string{e.Op}
	if e.GroupModifier.Op != "" {
		parts = append(parts, string(e.GroupModifier.AppendString(nil)))
	}
	if e.JoinModifier.Op == "" {
		return strings.Join(parts, " ")
	}
	return "`" + strings.Join(append(parts, string(e.JoinModifier.AppendString(nil))), " ") + "`"
}

func nameless(l labels.Labels) string {
	return labels.NewBuilder(l).Del(model.MetricNameLabel).Labels().String()
}
