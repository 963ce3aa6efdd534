package engine

import (
	"fmt"
	"strings"

	"github.com/VictoriaMetrics/metricsql"
)

// call is a function that PromQL and MetricsQL share: how many arguments it
// takes at least and at most, and which of them is a vector (-1: none).
type call struct{ least, most, vector int }

func sharedCalls() map[string]call {
	shared := map[string]call{
		"time": {0, 0, -1}, "pi": {0, 0, -1}, "vector": {1, 1, -1}, "scalar": {1, 1, 0},
		"absent": {1, 1, 0}, "histogram_quantile": {2, 2, 1},
		"label_replace": {5, 5, 0}, "label_join": {3, 100, 0},
		"sort": {1, 1, 0}, "sort_desc": {1, 1, 0}, "sort_by_label": {2, 100, 0}, "sort_by_label_desc": {2, 100, 0},
	}
	for _, name := range strings.Fields("abs exp ln log2 log10 sgn sqrt deg rad sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh") {
		shared[name] = call{1, 1, 0}
	}
	for _, name := range strings.Fields("minute hour month year day_of_month day_of_week day_of_year days_in_month") {
		shared[name] = call{0, 1, 0}
	}
	return shared
}

func (r *run) translateFunc(e *metricsql.FuncExpr, g grid) (string, error) {
	name := lower(e.Name)
	if name == "absent_over_time" {
		return r.translateAbsentOverTime(e, g)
	}
	c, ok := sharedCalls()[name]
	if !ok {
		return "", evalErrorf("the stand-in does not know the function %q", name)
	}
	if e.KeepMetricNames {
		return "", evalErrorf("the stand-in does not know keep_metric_names in %q", text(e))
	}
	if len(e.Args) < c.least || len(e.Args) > c.most {
		return "", &EvalError{Bare: true, Text: fmt.Sprintf("cannot evaluate %q: unexpected number of args; got %d; want %d", text(e), len(e.Args), c.least)}
	}
	if name == "scalar" && isScalar(e.Args[0]) {
		return r.translate(e.Args[0], g)
	}
	if name == "vector" && !isScalar(e.Args[0]) {
		return r.translate(e.Args[0], g)
	}
	args, err := r.translateArgs(e.Args, g, func(i int) bool { return i == c.vector })
	return name + "(" + strings.Join(args, ",") + ")", err
}

func (r *run) translateAbsentOverTime(e *metricsql.FuncExpr, g grid) (string, error) {
	counted := &metricsql.FuncExpr{Name: "count_over_time", Args: e.Args}
	series, err := r.evalRollupFunc(counted, g)
	if err != nil {
		return "", err
	}
	return "absent(" + r.part(series, e.Args[0]) + ")", nil
}
