package logsql

import (
	"strconv"
)

// eachValue hands over every value of the fields that is not empty.
type eachValue struct {
	of     names
	f      func(v string)
	finish func() string
}

func (e *eachValue) add(r *Record) { eachOf(e.of, r, e.f) }

func (e *eachValue) result() string { return e.finish() }

func eachOf(of names, r *Record, f func(v string)) {
	if len(of.prefixes) == 0 && len(of.exact) > 0 {
		for _, name := range of.exact {
			if v := r.Get(name); v != "" {
				f(v)
			}
		}
		return
	}
	for _, x := range r.All() {
		if x.Value != "" && (of.all() || of.match(x.Name)) {
			f(x.Value)
		}
	}
}

type counting struct {
	of    names
	empty bool
	n     int
}

func (c *counting) add(r *Record) {
	if c.of.all() && !c.empty {
		c.n++
		return
	}
	some := false
	eachOf(c.of, r, func(string) { some = true })
	if some != c.empty {
		c.n++
	}
}

func (c *counting) result() string { return strconv.Itoa(c.n) }

type making = func(f func(v string), result func() string) reduction

func newSum(name string, each making) reduction {
	sum, n := 0.0, 0
	add := func(v string) {
		if x, ok := number(v); ok {
			sum += x
			n++
		}
	}
	if name == "sum_len" {
		add = func(v string) { sum += float64(len(v)) }
		n = 1
	}
	return each(add, func() string {
		switch {
		case n == 0:
			return "NaN"
		case name == "avg":
			return formatFloat(sum / float64(n))
		}
		return formatFloat(sum)
	})
}

func newExtreme(each making, most bool) reduction {
	var best ranked
	return each(func(v string) {
		x := rankedOf(v)
		if best.text == "" || most && best.less(x) || !most && x.less(best) {
			best = x
		}
	}, func() string { return best.text })
}
