package engine

import (
	"fmt"
	"strings"

	"github.com/VictoriaMetrics/metricsql"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics/store"
)

// ParseError says that a text is not MetricsQL, in the words of the real parser.
type ParseError struct{ Err error }

// Error returns the parser's text.
func (e *ParseError) Error() string { return e.Err.Error() }

// Unwrap returns the parser's error.
func (e *ParseError) Unwrap() error { return e.Err }

// EvalError says that a parsed query cannot be evaluated.
type EvalError struct {
	Text string
	// Bare marks texts that the real server sends without the query in front.
	Bare bool
}

// Error returns the text.
func (e *EvalError) Error() string { return e.Text }

func evalErrorf(format string, args ...any) *EvalError {
	return &EvalError{Text: fmt.Sprintf(format, args...)}
}

// Parse parses a query; the error is a *ParseError.
func Parse(query string) (metricsql.Expr, error) {
	expr, err := metricsql.Parse(query)
	if err != nil {
		return nil, &ParseError{err}
	}
	return expr, nil
}

// ParseSelector parses a series selector such as up{job=~"a|b"}; the error is a
// *ParseError.
func ParseSelector(text string) (store.Selector, error) {
	expr, err := metricsql.Parse(text)
	if err != nil {
		return nil, &ParseError{err}
	}
	me, ok := expr.(*metricsql.MetricExpr)
	if !ok {
		return nil, &ParseError{fmt.Errorf("expecting metricSelector; got %q", expr.AppendString(nil))}
	}
	if len(me.LabelFilterss) == 0 {
		return nil, &ParseError{fmt.Errorf("labelFilterss cannot be empty")}
	}
	return selector(me)
}

// RangeSelector recognises a bare m[d] and returns its selector, window and
// offset in milliseconds; step resolves windows given in steps.
func RangeSelector(query string, step int64) (sel store.Selector, width, offset int64, ok bool) {
	expr, err := metricsql.Parse(query)
	if err != nil {
		return nil, 0, 0, false
	}
	re, ok := expr.(*metricsql.RollupExpr)
	if !ok || re.Window == nil || re.Step != nil || re.InheritStep || re.At != nil {
		return nil, 0, 0, false
	}
	me, ok := re.Expr.(*metricsql.MetricExpr)
	if !ok {
		return nil, 0, 0, false
	}
	if sel, err = selector(me); err != nil {
		return nil, 0, 0, false
	}
	if re.Offset != nil {
		offset = re.Offset.Duration(step)
	}
	return sel, re.Window.Duration(step), offset, true
}

func selector(me *metricsql.MetricExpr) (store.Selector, error) {
	var sel store.Selector
	for _, filters := range me.LabelFilterss {
		var group []*labels.Matcher
		for _, f := range filters {
			m, err := matcher(f)
			if err != nil {
				return nil, &ParseError{err}
			}
			group = append(group, m)
		}
		sel = append(sel, group)
	}
	return sel, nil
}

func matcher(f metricsql.LabelFilter) (*labels.Matcher, error) {
	kind := labels.MatchEqual
	switch {
	case f.IsNegative && f.IsRegexp:
		kind = labels.MatchNotRegexp
	case f.IsNegative:
		kind = labels.MatchNotEqual
	case f.IsRegexp:
		kind = labels.MatchRegexp
	}
	return labels.NewMatcher(kind, f.Label, f.Value)
}

// And returns the selector that holds where both hold; nil holds everywhere.
func And(a, b store.Selector) store.Selector {
	if len(a) == 0 {
		return b
	}
	if len(b) == 0 {
		return a
	}
	var out store.Selector
	for _, x := range a {
		for _, y := range b {
			out = append(out, append(append([]*labels.Matcher{}, x...), y...))
		}
	}
	return out
}

func text(e metricsql.Expr) string { return string(e.AppendString(nil)) }

func lower(s string) string { return strings.ToLower(s) }
