package logsql

import (
	"strconv"
	"strings"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// unpackLogfmt reads a=b c="d e" f.
func unpackLogfmt(text string) (all []store.Field) {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		n := strings.IndexAny(text, "= ")
		if n < 0 || text[n] == ' ' {
			name, rest, _ := strings.Cut(text, " ")
			all, text = append(all, store.Field{Name: name}), rest
			continue
		}
		name := text[:n]
		value, rest := logfmtValue(text[n+1:])
		all, text = append(all, store.Field{Name: name, Value: value}), rest
	}
	return all
}

func logfmtValue(s string) (value, rest string) {
	if raw, err := strconv.QuotedPrefix(s); err == nil {
		if v, err := strconv.Unquote(raw); err == nil {
			return v, s[len(raw):]
		}
	}
	value, rest, _ = strings.Cut(s, " ")
	return value, rest
}
