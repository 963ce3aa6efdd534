package logsql

import (
	"slices"
	"strconv"
	"strings"
)

// reductions are the functions of stats over the fields named in their arguments.
func reductionOf(name string, of names, args []string) func(c *call) reduction {
	each := func(f func(v string), result func() string) reduction { return &eachValue{of, f, result} }
	switch name {
	case "count":
		return func(*call) reduction { return &counting{of: of} }
	case "count_empty":
		return func(*call) reduction { return &counting{of: of, empty: true} }
	case "sum", "avg", "sum_len":
		return func(*call) reduction { return newSum(name, each) }
	case "min":
		return func(*call) reduction { return newExtreme(each, false) }
	case "max":
		return func(*call) reduction { return newExtreme(each, true) }
	case "count_uniq", "count_uniq_hash":
		return func(*call) reduction { return &distinct{of: of, seen: map[string]bool{}} }
	case "uniq_values", "values":
		return func(*call) reduction { return &values{of: of, uniq: name == "uniq_values", seen: map[string]bool{}} }
	case "median":
		return func(*call) reduction { return newQuantile(0.5, each) }
	case "rate", "rate_sum":
		return func(c *call) reduction { return newRate(name, c, of, each) }
	case "histogram":
		return func(*call) reduction { return newHistogram(each) }
	case "row_any":
		return func(*call) reduction { return &rowOf{of: of} }
	}
	if len(args) > 0 && (name == "row_min" || name == "row_max") {
		of.exact = slices.DeleteFunc(slices.Clone(of.exact), func(n string) bool { return n == args[0] })
		if len(args) > 1 && slices.Contains(args[1:], args[0]) {
			of.exact = append(of.exact, args[0])
		}
		return func(*call) reduction { return &rowOf{of: of, by: args[0], max: name == "row_max"} }
	}
	return nil
}

// statsNames are the functions above and those with arguments of their own.
var statsNames = []string{
	"count", "count_empty", "sum", "avg", "sum_len", "min", "max", "count_uniq", "count_uniq_hash", "uniq_values", "values",
	"median", "quantile", "rate", "rate_sum", "histogram", "row_any", "row_min", "row_max",
}

func isStats(name string) bool { return slices.Contains(statsNames, strings.ToLower(name)) }

// reduction reads a function with its arguments, and its normal form.
func (l *lexer) reduction() (string, func(*call) reduction, error) {
	name := strings.ToLower(l.token)
	if !isStats(name) || l.isQuoted() {
		if name == "json_values" {
			return "", nil, unknown("the stats function " + name)
		}
		return "", nil, errorf("unknown stats func %q", l.token)
	}
	l.next()
	if !l.accept("(") {
		return "", nil, errorf("cannot parse '%s' args: missing `(`", name)
	}
	phi, text := 0.0, ""
	if name == "quantile" {
		var err error
		if phi, err = strconv.ParseFloat(l.token, 64); err != nil || phi < 0 || phi > 1 {
			return "", nil, errorf("cannot parse phi arg in 'quantile': %q", l.token)
		}
		text = l.token + ", "
		l.next()
		l.accept(",")
	}
	of, args, err := l.reductionArgs()
	if err != nil {
		return "", nil, errorf("cannot parse '%s' args: %w", name, err)
	}
	text = name + "(" + text + of.text() + ")"
	if l.accept("limit") {
		n, err := l.count("limit")
		if err != nil {
			return "", nil, err
		}
		return text + " limit " + strconv.Itoa(n), limited(reductionOf(name, of, args), n), nil
	}
	if name == "quantile" {
		return text, func(*call) reduction {
			return newQuantile(phi, func(f func(string), result func() string) reduction { return &eachValue{of, f, result} })
		}, nil
	}
	reduce := reductionOf(name, of, args)
	if reduce == nil {
		return "", nil, errorf("missing args of %s()", name)
	}
	return text, reduce, nil
}

func (l *lexer) reductionArgs() (of names, args []string, err error) {
	for !l.is(")") {
		if err := l.addName(&of); err != nil {
			return of, nil, err
		}
		if n := len(of.exact); n > len(args) {
			args = append(args, of.exact[n-1])
		}
		if !l.accept(",") && !l.is(")") {
			return of, nil, errorf("unexpected token %q; want ',' or ')'", l.token)
		}
	}
	l.next()
	return of, args, nil
}

// limited ends the growth of sets and lists.
func limited(reduce func(*call) reduction, n int) func(*call) reduction {
	return func(c *call) reduction {
		r := reduce(c)
		switch r := r.(type) {
		case *distinct:
			r.limit = n
		case *values:
			r.limit = n
		}
		return r
	}
}
