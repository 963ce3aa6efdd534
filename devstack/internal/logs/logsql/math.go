package logsql

import (
	"math"
	"math/rand/v2"
	"strconv"
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

func valueOf(v string) float64 {
	if n, ok := number(v); ok {
		return n
	}
	return math.NaN()
}

func (l *lexer) function() (expression, error) {
	name := strings.ToLower(l.token)
	now := float64(l.context.now)
	l.next()
	l.next()
	var args []expression
	for !l.is(")") {
		arg, err := l.sum(l.offset(), 0)
		if err != nil {
			return nil, errorf("cannot parse args for function %q: %w", name, err)
		}
		args = append(args, arg)
		if !l.accept(",") && !l.is(")") {
			return nil, errorf("unexpected token %q in the args of %s()", l.token, name)
		}
	}
	l.next()
	if name == "now" && len(args) == 0 {
		return func(*Record) float64 { return now }, nil
	}
	if f := function(name, len(args)); f != nil {
		return func(r *Record) float64 {
			x := make([]float64, len(args))
			for i, a := range args {
				x[i] = a(r)
			}
			return f(x)
		}, nil
	}
	return nil, errorf("unknown math function %s() with %d args", name, len(args))
}

func function(name string, args int) func(x []float64) float64 {
	one := map[string]func(float64) float64{"abs": math.Abs, "ceil": math.Ceil, "exp": math.Exp, "floor": math.Floor, "ln": math.Log, "round": math.Round}
	switch {
	case one[name] != nil && args == 1:
		return func(x []float64) float64 { return one[name](x[0]) }
	case name == "round" && args == 2:
		return func(x []float64) float64 { return nearest(x[0], x[1]) }
	case name == "max" && args > 0:
		return func(x []float64) float64 { return fold(x, math.Max) }
	case name == "min" && args > 0:
		return func(x []float64) float64 { return fold(x, math.Min) }
	case name == "rand" && args == 0:
		return func([]float64) float64 { return rand.Float64() }
	}
	return nil
}

func fold(x []float64, f func(a, b float64) float64) float64 {
	out := math.NaN()
	for _, v := range x {
		switch {
		case math.IsNaN(out):
			out = v
		case !math.IsNaN(v):
			out = f(out, v)
		}
	}
	return out
}

// nearest is the multiple of step next to x, without the noise of the last digits.
func nearest(x, step float64) float64 {
	f, err := strconv.ParseFloat(strconv.FormatFloat(math.Round(x/step)*step, 'g', 13, 64), 64)
	if err != nil {
		return math.NaN()
	}
	return f
}
