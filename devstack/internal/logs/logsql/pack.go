package logsql

import (
	"strconv"
	"strings"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// packPipe reads pack_json fields (a, b*) as name.
func (l *lexer) packPipe(pack func([]store.Field) string) (pipe, error) {
	only, err := l.condition()
	if err != nil {
		return nil, err
	}
	var of names
	if l.accept("fields") {
		if of, err = l.namesInParens(); err != nil {
			return nil, err
		}
	}
	l.accept("as")
	to := fieldMsg
	if !l.is(filterEnd...) {
		to, err = l.name(true)
	}
	return rowPipe{only: only, change: func(r *Record) bool {
		var fields []store.Field
		for _, f := range r.All() {
			if f.Value != "" && (of.all() || of.match(f.Name)) {
				fields = append(fields, f)
			}
		}
		r.set(to, pack(fields))
		return true
	}}, err
}

func packJSON(fields []store.Field) string { return string(AppendJSON(nil, made(fields...))) }

func packLogfmt(fields []store.Field) string {
	parts := make([]string, len(fields))
	for i, f := range fields {
		v := f.Value
		if strings.ContainsAny(v, " \"=\t\n") {
			v = strconv.Quote(v)
		}
		parts[i] = f.Name + "=" + v
	}
	return strings.Join(parts, " ")
}
