package logsql

import (
	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

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
		if v == "" || o.row != nil && !o.better(v) {
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

func (o *rowOf) better(v string) bool {
	if o.max {
		return less(o.best, v)
	}
	return less(v, o.best)
}

func (o *rowOf) result() string { return string(AppendJSON(nil, made(o.row...))) }
