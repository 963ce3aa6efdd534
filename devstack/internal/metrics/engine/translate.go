package engine

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/VictoriaMetrics/metricsql"
	"github.com/prometheus/common/model"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

// translate writes e as PromQL in which every part that is ours is evaluated
// and stands as a virtual metric.
func (r *run) translate(e metricsql.Expr, g grid) (string, error) {
	switch e := e.(type) {
	case *metricsql.NumberExpr:
		return number(e.N), nil
	case *metricsql.DurationExpr:
		return number(float64(e.Duration(g.step)) / 1e3), nil
	case *metricsql.StringExpr:
		return strconv.Quote(e.S), nil
	case *metricsql.AggrFuncExpr:
		return r.translateAggregate(e, g)
	case *metricsql.BinaryOpExpr:
		if !isGapOp(e.Op) {
			return r.translateBinary(e, g)
		}
	case *metricsql.FuncExpr:
		name := lower(e.Name)
		if _, own := ownFuncs()[name]; !own && (name == "absent_over_time" || !metricsql.IsRollupFunc(name)) {
			return r.translateFunc(e, g)
		}
	}
	series, err := r.eval(e, g)
	if err != nil {
		return "", err
	}
	return r.part(series, e), nil
}

// part registers evaluated series and returns the selector that finds them. It
// carries the equality matchers of a plain selector, since absent() makes
// labels of them.
func (r *run) part(series []store.Series, e metricsql.Expr) string {
	r.virtual = append(r.virtual, clean(series))
	var b strings.Builder
	fmt.Fprintf(&b, "{__name__=%q", virtualPrefix+strconv.Itoa(len(r.virtual)-1))
	for _, m := range equalities(e) {
		fmt.Fprintf(&b, ",%q=%q", m.Label, m.Value)
	}
	return b.String() + "}"
}

func equalities(e metricsql.Expr) (out []metricsql.LabelFilter) {
	if re, ok := e.(*metricsql.RollupExpr); ok {
		e = re.Expr
	}
	me, ok := e.(*metricsql.MetricExpr)
	if !ok || len(me.LabelFilterss) != 1 {
		return nil
	}
	for _, f := range me.LabelFilterss[0] {
		if !f.IsNegative && !f.IsRegexp && f.Label != model.MetricNameLabel {
			out = append(out, f)
		}
	}
	return out
}

func (r *run) translateAggregate(e *metricsql.AggrFuncExpr, g grid) (string, error) {
	name := lower(e.Name)
	args, err := r.translateArgs(e.Args, g, aggregateVector(name, len(e.Args)))
	if err != nil {
		return "", err
	}
	over := modifier(e.Modifier)
	switch name {
	case "sum", "avg", "min", "max", "count", "stddev", "stdvar", "group", "topk", "bottomk", "quantile", "count_values", "limitk":
	case "median":
		name, args = "quantile", append([]string{"0.5"}, args...)
	case "sum2":
		name, args[0] = "sum", "("+args[0]+")^2"
	default:
		return "", evalErrorf("the stand-in does not know the aggregate function %q", name)
	}
	q := fmt.Sprintf("%s %s (%s)", name, over, strings.Join(args, ","))
	if e.Limit > 0 {
		q = fmt.Sprintf("limitk(%d, %s)", e.Limit, q)
	}
	return q, nil
}

// aggregateVector tells which argument of an aggregate is a vector.
func aggregateVector(name string, n int) func(int) bool {
	switch name {
	case "topk", "bottomk", "quantile", "count_values", "limitk":
		return func(i int) bool { return i == n-1 && i > 0 }
	}
	return func(int) bool { return true }
}

func (r *run) translateArgs(args []metricsql.Expr, g grid, vector func(int) bool) ([]string, error) {
	out := make([]string, 0, len(args)+1)
	for i, a := range args {
		q, err := r.translate(a, g)
		if err != nil {
			return nil, err
		}
		if vector(i) && isScalar(a) {
			q = "vector(" + q + ")"
		}
		out = append(out, q)
	}
	return out, nil
}

func modifier(m metricsql.ModifierExpr) string {
	if m.Op == "" {
		return ""
	}
	quoted := make([]string, len(m.Args))
	for i, a := range m.Args {
		quoted[i] = strconv.Quote(a)
	}
	return m.Op + " (" + strings.Join(quoted, ",") + ")"
}

func (r *run) translateBinary(e *metricsql.BinaryOpExpr, g grid) (string, error) {
	if e.KeepMetricNames || e.JoinModifierPrefix != nil {
		return "", evalErrorf("the stand-in does not know keep_metric_names or prefix in %q", text(e))
	}
	op := lower(e.Op)
	sets := op == "and" || op == "or" || op == "unless"
	compares := strings.Contains("== != < > <= >=", op) && !e.Bool
	sides, err := r.translateArgs([]metricsql.Expr{e.Left, e.Right}, g, func(i int) bool {
		return sets || compares && i == 0 && isScalar(e.Right)
	})
	if err != nil {
		return "", err
	}
	if e.Bool {
		op += " bool"
	}
	return fmt.Sprintf("((%s) %s %s %s (%s))", sides[0], op, modifier(e.GroupModifier), modifier(e.JoinModifier), sides[1]), nil
}

// isScalar says whether PromQL takes e for a scalar; MetricsQL knows only series.
func isScalar(e metricsql.Expr) bool {
	switch e := e.(type) {
	case *metricsql.NumberExpr, *metricsql.DurationExpr:
		return true
	case *metricsql.FuncExpr:
		switch lower(e.Name) {
		case "time", "pi", "scalar":
			return true
		}
	case *metricsql.BinaryOpExpr:
		return !isGapOp(e.Op) && isScalar(e.Left) && isScalar(e.Right) && (e.Bool || !strings.Contains("== != < > <= >= and or unless", lower(e.Op)))
	}
	return false
}

func number(v float64) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "+Inf"
	case math.IsInf(v, -1):
		return "-Inf"
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
