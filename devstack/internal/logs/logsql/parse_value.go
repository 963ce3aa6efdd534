package logsql

import (
	"strings"
)

// words is a phrase, a prefix, or the name of a field with its filter.
func (l *lexer) words(field string) (filter, error) {
	phrase := l.phrase(field != "")
	if field == "" && l.is(":") {
		return l.fielded(phrase)
	}
	field = orMsg(field)
	if l.is("*") && !l.spaced {
		l.next()
		return valueFilter{field, func(v string) bool { return hasPrefix(v, phrase) }}, nil
	}
	return valueFilter{field, func(v string) bool { return hasPhrase(v, phrase) }}, nil
}

func (l *lexer) fielded(field string) (filter, error) {
	if l.next(); l.is(filterEnd...) {
		return nil, errorf("missing filter after field name %s", quoteIfNeeded(field))
	}
	switch field {
	case fieldTime:
		return l.time()
	case fieldStream:
		if l.is("{") {
			return l.selectorFilter(field)
		}
	}
	return l.nested(field)
}

// compare reads =, !=, ~, !~, <, <=, > and >= with what follows.
func (l *lexer) compare(field string) (filter, error) {
	sign := l.raw
	l.next()
	switch sign {
	case "=":
		return l.exact(field)
	case "!=":
		f, err := l.exact(field)
		return notFilter{f}, err
	case "~", "=~":
		return l.regexp(field)
	case "!~":
		f, err := l.regexp(field)
		return notFilter{f}, err
	}
	if l.is("=") && !l.spaced {
		sign += "="
		l.next()
	}
	return l.ordered(field, sign)
}

func (l *lexer) exact(field string) (filter, error) {
	if l.is("*") {
		l.next()
		return valueFilter{field, func(v string) bool { return v != "" }}, nil
	}
	if l.is("(") {
		return nil, unknown("groups after =")
	}
	want, err := l.value()
	if err != nil {
		return nil, err
	}
	if l.is("*") && !l.spaced {
		l.next()
		return valueFilter{field, func(v string) bool { return strings.HasPrefix(v, want) }}, nil
	}
	return valueFilter{field, func(v string) bool { return v == want }}, nil
}

func (l *lexer) regexp(field string) (filter, error) {
	pattern, err := l.value()
	if err != nil {
		return nil, err
	}
	test, err := matches(pattern)
	if err != nil {
		return nil, regexpError(field, pattern, err)
	}
	return valueFilter{field, test}, nil
}

func (l *lexer) ordered(field, sign string) (filter, error) {
	text, err := l.value()
	if err != nil {
		return nil, err
	}
	than, numeric := number(text)
	if !numeric {
		return valueFilter{field, func(v string) bool { return ordered(strings.Compare(v, text), sign) }}, nil
	}
	return valueFilter{field, func(v string) bool {
		n, ok := number(v)
		return ok && (n < than && sign[0] == '<' || n > than && sign[0] == '>' || n == than && len(sign) == 2)
	}}, nil
}

func ordered(c int, sign string) bool {
	return c < 0 && sign[0] == '<' || c > 0 && sign[0] == '>' || c == 0 && len(sign) == 2
}
