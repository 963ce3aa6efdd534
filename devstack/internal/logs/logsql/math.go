package logsql

import (
	"math"
	"strings"
)

// expression computes a number from a record; NaN where a value is none.
type expression func(r *Record) float64

// mathPipe reads math a * 2 as x, b / a as y.
func (l *lexer) mathPipe() (pipe, error) {
	type result struct {
		name string
		of   expression
	}
	var all []result
	for {
		from := l.offset()
		of, err := l.sum(from, 0)
		if err != nil {
			return nil, err
		}
		name := strings.TrimSpace(l.whole[from:l.offset()])
		l.accept("as")
		if !l.is(",") && !l.is(filterEnd...) {
			if name, err = l.name(true); err != nil {
				return nil, err
			}
		}
		all = append(all, result{name, of})
		if !l.accept(",") {
			break
		}
	}
	return rowPipe{adds: true, change: func(r *Record) bool {
		for _, x := range all {
			r.set(x.name, formatFloat(x.of(r)))
		}
		return true
	}}, nil
}

// operators by how loosely they bind.
var operators = [][]string{{"default"}, {"or"}, {"xor"}, {"&"}, {"+", "-"}, {"*", "/", "%"}, {"^"}}

func (l *lexer) sum(from, level int) (expression, error) {
	if level == len(operators) {
		return l.operand(from)
	}
	left, err := l.sum(from, level+1)
	for err == nil && l.is(operators[level]...) {
		sign := strings.ToLower(l.token)
		l.next()
		before := strings.TrimSpace(l.whole[from:l.offset()])
		var right expression
		if right, err = l.sum(from, level+1); err != nil {
			return nil, errorf("cannot parse operand after [%s]: %w", before, err)
		}
		left = operation(sign, left, right)
	}
	return left, err
}

func operation(sign string, a, b expression) expression {
	return func(r *Record) float64 { return apply(sign, a(r), b(r)) }
}

func apply(sign string, x, y float64) float64 {
	switch sign {
	case "+":
		return x + y
	case "-":
		return x - y
	case "*":
		return x * y
	case "/":
		return x / y
	case "%":
		return math.Mod(x, y)
	case "^":
		return math.Pow(x, y)
	case "default":
		if math.IsNaN(x) {
			return y
		}
		return x
	}
	return bitwise(sign, x, y)
}

func bitwise(sign string, x, y float64) float64 {
	if math.IsNaN(x) || math.IsNaN(y) {
		return math.NaN()
	}
	switch sign {
	case "&":
		return float64(uint64(x) & uint64(y))
	case "or":
		return float64(uint64(x) | uint64(y))
	}
	return float64(uint64(x) ^ uint64(y))
}

func (l *lexer) operand(from int) (expression, error) {
	l.depth++
	defer func() { l.depth-- }()
	if l.depth > maxDepth {
		return nil, errDeep
	}
	switch {
	case l.accept("("):
		of, err := l.sum(from, 0)
		if err == nil && !l.accept(")") {
			err = errorf("missing ')'")
		}
		return of, err
	case l.accept("-"):
		of, err := l.operand(from)
		return func(r *Record) float64 { return -of(r) }, err
	}
	if !l.isQuoted() && strings.HasPrefix(l.rest, "(") {
		return l.function()
	}
	if l.badQuote() {
		return nil, errQuote
	}
	if l.is(stops...) || !l.isQuoted() && wordLen(l.raw) == 0 {
		return nil, errorf("compound token cannot start with '%s'", l.raw)
	}
	name, quoted := l.token, l.isQuoted()
	l.next()
	if n, ok := number(name); ok && !quoted {
		return func(*Record) float64 { return n }, nil
	}
	return func(r *Record) float64 { return valueOf(r.Get(name)) }, nil
}
