package logsql

import (
	"regexp"
	"strings"
)

// at reads the optional "at field".
func (l *lexer) at() (string, error) {
	if !l.accept("at") {
		return fieldMsg, nil
	}
	return l.name(true)
}

// replacing makes a pipe that changes one field.
func replacing(only filter, field string, change func(string) string) pipe {
	return rowPipe{only: only, change: func(r *Record) bool {
		if v := r.Get(field); v != "" {
			r.set(field, change(v))
		}
		return true
	}}
}

// replaceArgs reads if (..) ("old", "new") at field limit N.
func (l *lexer) replaceArgs() (only filter, from, to, field string, limit int, err error) {
	if only, err = l.condition(); err != nil {
		return
	}
	if !l.is("(") {
		err = errorf("missing '('")
		return
	}
	var args []string
	if args, err = l.arguments("replace"); err != nil {
		return
	}
	if len(args) != 2 {
		err = errorf("unexpected number of args; got %d; want 2", len(args))
		return
	}
	from, to, limit = args[0], args[1], -1
	if field, err = l.at(); err == nil && l.accept("limit") {
		limit, err = l.count("'limit'")
	}
	return
}

func (l *lexer) replacePipe() (pipe, error) {
	only, from, to, field, limit, err := l.replaceArgs()
	return replacing(only, field, func(v string) string { return strings.Replace(v, from, to, limit) }), err
}

func (l *lexer) replaceRegexpPipe() (pipe, error) {
	only, from, to, field, limit, err := l.replaceArgs()
	if err != nil {
		return nil, err
	}
	re, err := regexp.Compile(from)
	if err != nil {
		return nil, errorf("cannot parse regexp %q: %w", from, err)
	}
	return replacing(only, field, func(v string) string {
		n := 0
		return string(replaceSome(re, v, to, func() bool { n++; return limit < 0 || n <= limit }))
	}), nil
}

func replaceSome(re *regexp.Regexp, v, to string, more func() bool) []byte {
	var out []byte
	last := 0
	for _, m := range re.FindAllStringSubmatchIndex(v, -1) {
		if !more() {
			break
		}
		out = re.ExpandString(append(out, v[last:m[0]]...), to, v, m)
		last = m[1]
	}
	return append(out, v[last:]...)
}
