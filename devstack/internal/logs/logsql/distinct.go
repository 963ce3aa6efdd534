package logsql

import (
	"sort"
	"strconv"
	"strings"
)

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
	some := false
	if len(d.of.prefixes) == 0 && len(d.of.exact) > 0 {
		for _, name := range d.of.exact {
			v := r.Get(name)
			some = some || v != ""
			key.WriteString(strconv.Itoa(len(v)) + ":" + v)
		}
	} else {
		eachOf(d.of, r, func(v string) { some = true; key.WriteString(strconv.Itoa(len(v)) + ":" + v) })
	}
	if some {
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
