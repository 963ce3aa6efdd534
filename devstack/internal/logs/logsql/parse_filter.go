package logsql

import (
	"strings"
)

// filterEnd stands where a filter is over.
var filterEnd = []string{"|", ")", ""}

func (l *lexer) or(field string) (filter, error) {
	l.depth++
	defer func() { l.depth-- }()
	if l.depth > maxDepth {
		return nil, errDeep
	}
	var all []filter
	for {
		f, err := l.and(field)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
		if l.is(filterEnd...) {
			return anyOf(all), nil
		}
		if l.next(); l.isEnd() { // "or" is all that can stand here
			return nil, errorf("missing filter after 'or'")
		}
	}
}

func (l *lexer) and(field string) (filter, error) {
	var all []filter
	for {
		f, err := l.term(field)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
		switch {
		case l.is("or") || l.is(filterEnd...):
			return allOf(all), nil
		case l.is("and"):
			if l.next(); l.isEnd() {
				return nil, errorf("missing filter after 'and'")
			}
		}
	}
}

func anyOf(all []filter) filter {
	if len(all) == 1 {
		return all[0]
	}
	return orFilter{all}
}

// allOf keeps conjunctions flat, so that bounds and streams see through them.
func allOf(all []filter) filter {
	var flat []filter
	for _, f := range all {
		switch f := f.(type) {
		case andFilter:
			flat = append(flat, f.of...)
		case allFilter:
		default:
			flat = append(flat, f)
		}
	}
	switch len(flat) {
	case 0:
		return allFilter{}
	case 1:
		return flat[0]
	}
	return andFilter{flat}
}

func (l *lexer) term(field string) (filter, error) {
	switch {
	case l.badQuote():
		return nil, errQuote
	case l.isQuoted():
		return l.words(field)
	case l.is("{"):
		return l.selectorFilter(field)
	case l.is(":"):
		if l.next(); l.isEnd() {
			return nil, errorf("missing filter after ':'")
		}
		return l.nested(field)
	case l.is("*"):
		return l.star(field)
	case l.is("("):
		return l.parens(field)
	case l.is("!", "-", "not"):
		return l.not(field)
	case l.is("=", "!=", "~", "=~", "!~", "<", ">"):
		return l.compare(orMsg(field))
	case l.is(",", ")", "[", "]"):
		return nil, errorf("unexpected token %q", l.raw)
	}
	if f, err := l.call(field); f != nil || err != nil {
		return f, err
	}
	return l.words(field)
}

func (l *lexer) nested(field string) (filter, error) {
	l.depth++
	defer func() { l.depth-- }()
	if l.depth > maxDepth {
		return nil, errDeep
	}
	return l.term(field)
}

func orMsg(field string) string {
	if field == "" {
		return fieldMsg
	}
	return field
}

func (l *lexer) star(field string) (filter, error) {
	l.next()
	if field == "" {
		return allFilter{}, nil
	}
	return valueFilter{field, func(v string) bool { return v != "" }}, nil
}

func (l *lexer) parens(field string) (filter, error) {
	if !l.spaced && l.prev != "" && !strings.Contains("|:(!-not", strings.ToLower(l.prev)) {
		return nil, errorf("missing whitespace before the search word %q", l.token)
	}
	if l.next(); l.isEnd() {
		return nil, errorf("missing filter after '('")
	}
	f, err := l.or(field)
	if err != nil {
		return nil, err
	}
	if !l.is(")") {
		return nil, errorf("unexpected token %q instead of ')'", l.token)
	}
	l.next()
	return f, nil
}

func (l *lexer) not(field string) (filter, error) {
	sign := l.token
	if l.next(); l.isEnd() || l.is(filterEnd...) {
		return nil, errorf("missing filters after '%s'", sign)
	}
	f, err := l.nested(field)
	if err != nil {
		return nil, err
	}
	return notFilter{f}, nil
}
