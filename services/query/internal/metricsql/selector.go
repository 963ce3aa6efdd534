package metricsql

import (
	"maps"
	"slices"
	"strings"

	"github.com/VictoriaMetrics/metricsql"
)

// nameLabel holds the metric's name.
const nameLabel = "__name__"

// Selector is one read from storage.
type Selector struct {
	// Text of the selector, without window and offset.
	Text string
	// Metric name, empty when the selector has no plain one.
	Metric string
	// Labels that it matches on, sorted, without the name.
	Labels []string
	// Window in brackets and Offset, empty when not given.
	Window, Offset string
}

// Selectors of the query in reading order, without doubles.
func (q *Query) Selectors() []Selector {
	var list []Selector
	at := map[metricsql.Expr]int{}
	q.visit(func(e metricsql.Expr) {
		switch t := e.(type) {
		case *metricsql.MetricExpr:
			at[t] = len(list)
			list = append(list, newSelector(t))
		case *metricsql.RollupExpr:
			if i, ok := at[t.Expr]; ok {
				list[i].Window, list[i].Offset = rollup(t)
			}
		}
	})
	return distinct(list)
}

func rollup(t *metricsql.RollupExpr) (window, offset string) {
	return string(t.Window.AppendString(nil)), string(t.Offset.AppendString(nil))
}

func distinct(list []Selector) []Selector {
	seen := map[string]bool{}
	return slices.DeleteFunc(list, func(s Selector) bool {
		key := s.Text + "\x00" + s.Window + "\x00" + s.Offset
		known := seen[key]
		seen[key] = true
		return known
	})
}

func newSelector(t *metricsql.MetricExpr) Selector {
	s := Selector{Text: string(appendSelector(nil, t.LabelFilterss))}
	labels := map[string]bool{}
	for i, group := range t.LabelFilterss {
		name := ""
		for _, f := range group {
			if isName(f) {
				name = f.Value
			} else if f.Label != nameLabel {
				labels[f.Label] = true
			}
		}
		if i == 0 || s.Metric == name {
			s.Metric = name
			continue
		}
		s.Metric = ""
	}
	s.Labels = slices.Sorted(maps.Keys(labels))
	return s
}

func isName(f metricsql.LabelFilter) bool {
	return f.Label == nameLabel && !f.IsNegative && !f.IsRegexp
}

// Functions used, lower case, sorted, without doubles.
func (q *Query) Functions() []string {
	names := map[string]bool{}
	q.visit(func(e metricsql.Expr) {
		switch t := e.(type) {
		case *metricsql.FuncExpr:
			names[strings.ToLower(t.Name)] = true
		case *metricsql.AggrFuncExpr:
			names[strings.ToLower(t.Name)] = true
		}
	})
	// The parser calls a list in parentheses a function without a name.
	delete(names, "")
	return slices.Sorted(maps.Keys(names))
}

func (q *Query) visit(f func(metricsql.Expr)) {
	if q.expr != nil {
		metricsql.VisitAll(q.expr, f)
	}
}

// Moving tells that the answer may depend on more than the times it is asked
// for: on now, on chance, on samples after the end. A query that is not
// analysed may.
func (q *Query) Moving() bool {
	moving := q.expr == nil
	q.visit(func(e metricsql.Expr) {
		switch t := e.(type) {
		case *metricsql.FuncExpr:
			name := strings.ToLower(t.Name)
			moving = moving || name == "now" || name == "rand" || strings.HasPrefix(name, "rand_")
		case *metricsql.RollupExpr:
			moving = moving || t.At != nil || strings.Contains(string(t.Offset.AppendString(nil)), "-")
		}
	})
	return moving
}
