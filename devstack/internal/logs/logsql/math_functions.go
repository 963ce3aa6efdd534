package logsql

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
)

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

func valueOf(v string) float64 {
	if n, ok := number(v); ok {
		return n
	}
	return math.NaN()
}
