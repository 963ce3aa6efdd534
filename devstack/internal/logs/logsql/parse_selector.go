package logsql

import (
	"regexp"
	"strings"
)

func (l *lexer) selectorFilter(field string) (filter, error) {
	if field != "" && field != fieldStream {
		return nil, errorf("stream filter cannot be applied to %q field; it can be applied only to %q field", field, fieldStream)
	}
	s, err := l.selector()
	return streamFilter{s}, err
}

// selector reads {a="b", c!~"d" or e in ("f")}.
func (l *lexer) selector() (selector, error) {
	l.next()
	if l.accept("}") {
		return selector{nil}, nil
	}
	all := selector{nil}
	for {
		f, err := l.labelFilter()
		if err != nil {
			return nil, err
		}
		all[len(all)-1] = append(all[len(all)-1], f)
		switch {
		case l.is("}"):
			l.next()
			return all, nil
		case l.is("or"):
			all = append(all, nil)
		case !l.is(",", "and"):
			return nil, errorf("unexpected token %q in _stream filter; want 'or', 'and', '}' or ','", l.token)
		}
		l.next()
	}
}

func (l *lexer) labelFilter() (f labelFilter, err error) {
	if f.label, err = l.label(); err != nil {
		return f, err
	}
	sign := strings.ToLower(l.raw)
	switch sign {
	case "=", "!=", "=~", "!~":
		l.next()
		var want string
		if want, err = l.value(); err == nil {
			f.test, err = labelTest(sign, want)
		}
	case "in", "not_in":
		l.next()
		var values []string
		if values, err = l.arguments(sign); err == nil {
			f.test = oneOf(values)
		}
		if in := f.test; sign == "not_in" && err == nil {
			f.test = func(v string) bool { return !in(v) }
		}
	default:
		err = errorf("unsupported operation %q inside {...} for %q field; supported operations: =, !=, =~, !~, in, not_in", l.token, f.label)
	}
	return f, err
}

// label reads a name up to the sign that follows.
func (l *lexer) label() (string, error) {
	if l.badQuote() {
		return "", errQuote
	}
	if l.is("}", ",", "") {
		return "", errorf("unexpected token %q instead of a label name inside {...}", l.token)
	}
	name, raw := l.token, l.raw
	l.next()
	var b strings.Builder
	for !l.spaced && !l.is("=", "!=", "=~", "!~", "}", ",", "(", ")", "") {
		b.WriteString(l.raw)
		l.next()
	}
	if b.Len() == 0 {
		return name, nil
	}
	return raw + b.String(), nil
}

// labelTest compares a label; patterns must match the whole value.
func labelTest(sign, want string) (func(string) bool, error) {
	switch sign {
	case "=":
		return func(v string) bool { return v == want }, nil
	case "!=":
		return func(v string) bool { return v != want }, nil
	}
	re, err := regexp.Compile("^(?s:" + want + ")$")
	if err != nil {
		return nil, errorf("invalid regexp %q for stream filter: %w", want, err)
	}
	if sign == "!~" {
		return func(v string) bool { return !re.MatchString(v) }, nil
	}
	return re.MatchString, nil
}
