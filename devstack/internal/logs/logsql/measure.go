package logsql

import (
	"encoding/json"
	"strconv"

	"github.com/cespare/xxhash/v2"
)

// measurePipe reads len(field) as name, and its like.
func measurePipe(name string) func(l *lexer) (pipe, error) {
	return func(l *lexer) (pipe, error) {
		if !l.accept("(") {
			return nil, errorf("missing '('")
		}
		field, err := l.name(true)
		if err != nil {
			return nil, err
		}
		if !l.accept(")") {
			return nil, errorf("missing ')' after %s", field)
		}
		l.accept("as")
		to := field
		if !l.is(filterEnd...) {
			to, err = l.name(true)
		}
		return rowPipe{change: func(r *Record) bool {
			r.set(to, measure(name, r.Get(field)))
			return true
		}}, err
	}
}

func measure(name, v string) string {
	switch name {
	case "hash":
		return strconv.FormatUint(xxhash.Sum64String(v)&(1<<53-1), 10)
	case "json_array_len":
		var list []json.RawMessage
		_ = json.Unmarshal([]byte(v), &list) // no list has no members
		return strconv.Itoa(len(list))
	}
	return strconv.Itoa(len(v))
}
