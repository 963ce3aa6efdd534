package logsql

import (
	"net/url"
	"strings"
)

func (l *lexer) formatPipe() (pipe, error) {
	only, err := l.condition()
	if err != nil {
		return nil, err
	}
	pattern, err := l.value()
	if err != nil {
		return nil, err
	}
	all, err := steps(pattern)
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		if _, ok := formatted(s.option, ""); !ok {
			return nil, unknown("the format option " + s.option)
		}
	}
	l.accept("as")
	to := fieldMsg
	if !l.is(filterEnd...) && !l.is("keep_original_fields", "skip_empty_results") {
		if to, err = l.name(true); err != nil {
			return nil, err
		}
	}
	keep, skipEmpty := l.accept("keep_original_fields"), l.accept("skip_empty_results")
	return rowPipe{only: only, change: func(r *Record) bool {
		var b strings.Builder
		for _, s := range all {
			b.WriteString(s.literal)
			if kept(s.field) {
				v, _ := formatted(s.option, r.Get(s.field))
				b.WriteString(v)
			}
		}
		setResult(r, to, b.String(), keep, skipEmpty)
		return true
	}}, nil
}

// formatted writes a value in the way that the option names.
func formatted(option, v string) (string, bool) {
	switch option {
	case "":
		return v, true
	case "q":
		return string(appendString(nil, v)), true
	case "lc":
		return strings.ToLower(v), true
	case "uc":
		return strings.ToUpper(v), true
	case "urlencode":
		return url.QueryEscape(v), true
	case "urldecode":
		s, err := url.QueryUnescape(v)
		if err != nil {
			s = v
		}
		return s, true
	}
	return "", false
}
