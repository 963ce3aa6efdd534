package logsql

import (
	"math"
	"sort"
	"strconv"
	"strings"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
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
	any := false
	eachOf(c.of, r, func(string) { any = true })
	if any != c.empty {
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

func newExtreme(each making, max bool) reduction {
	var best ranked
	return each(func(v string) {
		x := rankedOf(v)
		if best.text == "" || max && best.less(x) || !max && x.less(best) {
			best = x
		}
	}, func() string { return best.text })
}

// ranked is a value that is compared often.
type ranked struct {
	text    string
	number  float64
	numeric bool
}

func rankedOf(v string) ranked {
	n, ok := number(v)
	return ranked{v, n, ok}
}

func (a ranked) less(b ranked) bool {
	if a.numeric && b.numeric {
		return a.number < b.number
	}
	return natural(a.text, b.text)
}

func newQuantile(phi float64, each making) reduction {
	var all []ranked
	return each(func(v string) { all = append(all, rankedOf(v)) }, func() string {
		if len(all) == 0 {
			return ""
		}
		sort.Slice(all, func(i, j int) bool { return all[i].less(all[j]) })
		return all[min(int(phi*float64(len(all))), len(all)-1)].text
	})
}

func newRate(name string, c *call, of names, each making) reduction {
	sum := 0.0
	finish := func() string {
		if w := c.seconds(); w > 0 {
			return formatFloat(sum / w)
		}
		return formatFloat(sum)
	}
	if name == "rate" {
		n := &counting{of: of}
		return &wrapped{n, func() string { sum = float64(n.n); return finish() }}
	}
	return each(func(v string) {
		if x, ok := number(v); ok {
			sum += x
		}
	}, finish)
}

// wrapped has another result.
type wrapped struct {
	reduction
	finish func() string
}

func (w *wrapped) result() string { return w.finish() }

// seconds is the time that a rate is about: the step of a range query or all of it.
func (c *call) seconds() float64 {
	for _, p := range c.query.pipes {
		if s, ok := p.(*statsPipe); ok && s.step > 0 {
			return float64(s.step) / 1e9
		}
	}
	start, end := c.query.Window()
	if start == math.MinInt64 || end == math.MaxInt64 {
		return 0
	}
	return float64(end-start+1) / 1e9
}

// distinct counts combinations of values that are not all empty.
type distinct struct {
	of    names
	limit int
	seen  map[string]bool
}

func (d *distinct) add(r *Record) {
	if d.limit > 0 && len(d.seen) >= d.limit {
		return
	}
	var key strings.Builder
	any := false
	if len(d.of.prefixes) == 0 && len(d.of.exact) > 0 {
		for _, name := range d.of.exact {
			v := r.Get(name)
			any = any || v != ""
			key.WriteString(strconv.Itoa(len(v)) + ":" + v)
		}
	} else {
		eachOf(d.of, r, func(v string) { any = true; key.WriteString(strconv.Itoa(len(v)) + ":" + v) })
	}
	if any {
		d.seen[key.String()] = true
	}
}

func (d *distinct) result() string { return strconv.Itoa(len(d.seen)) }

// values lists what it saw; of uniq_values each once, in order.
type values struct {
	of    names
	uniq  bool
	limit int
	list  []string
	seen  map[string]bool
}

func (v *values) add(r *Record) {
	if v.uniq {
		eachOf(v.of, r, func(value string) {
			if !v.seen[value] && (v.limit == 0 || len(v.seen) < v.limit) {
				v.seen[value] = true
				v.list = append(v.list, value)
			}
		})
		return
	}
	for _, name := range v.of.exact {
		if v.limit == 0 || len(v.list) < v.limit {
			v.list = append(v.list, r.Get(name))
		}
	}
}

func (v *values) result() string {
	if v.uniq {
		sort.Slice(v.list, func(i, j int) bool { return less(v.list[i], v.list[j]) })
	}
	return jsonList(v.list)
}

// rowOf is a row as JSON: any, or the one with the least or most of a field.
type rowOf struct {
	of   names
	by   string
	max  bool
	best string
	row  []store.Field
}

func (o *rowOf) add(r *Record) {
	v := ""
	if o.by != "" {
		v = r.Get(o.by)
		if v == "" || o.row != nil && !(o.max && less(o.best, v) || !o.max && less(v, o.best)) {
			return
		}
	} else if o.row != nil {
		return
	}
	o.best, o.row = v, []store.Field{}
	for _, f := range r.All() {
		if o.of.all() || o.of.match(f.Name) {
			o.row = append(o.row, f)
		}
	}
}

func (o *rowOf) result() string { return string(AppendJSON(nil, made(o.row...))) }
