package logsql

import (
	"strings"
)

// calls are the filters written like functions. A word of them without a
// parenthesis is a word like any other.
func calls(name string) func(l *lexer, field string) (filter, error) {
	switch strings.ToLower(name) {
	case "in":
		return func(l *lexer, field string) (filter, error) { return l.in(field, oneOf) }
	case "contains_any":
		return func(l *lexer, field string) (filter, error) { return l.in(field, anyPhrase) }
	case "contains_all":
		return func(l *lexer, field string) (filter, error) { return l.in(field, allPhrases) }
	case "i":
		return (*lexer).ignoreCase
	case "exact":
		return (*lexer).exactCall
	case "re":
		return (*lexer).regexpCall
	case "range":
		return (*lexer).numbers
	case "len_range":
		return (*lexer).lengths
	case "string_range":
		return (*lexer).texts
	case "ipv4_range":
		return (*lexer).addresses
	case "seq":
		return (*lexer).sequence
	case "eq_field":
		return fieldCall(func(a, b string) bool { return a == b })
	case "lt_field":
		return fieldCall(less)
	case "le_field":
		return fieldCall(func(a, b string) bool { return !less(b, a) })
	case "value_type":
		return func(*lexer, string) (filter, error) { return nil, unknown("the filter value_type") }
	}
	return nil
}

// call gives nil when the token begins no call.
func (l *lexer) call(field string) (filter, error) {
	parse := calls(l.raw)
	if parse == nil {
		return nil, nil
	}
	opening := strings.TrimSpace(l.rest)
	if !strings.HasPrefix(opening, "(") && (!l.is("range") || !strings.HasPrefix(opening, "[")) {
		return nil, nil
	}
	l.next()
	return parse(l, orMsg(field))
}

// arguments reads (a, b, ...).
func (l *lexer) arguments(name string) (all []string, err error) {
	l.next()
	for !l.is(")") {
		if l.isEnd() {
			return nil, errorf("missing ')' after %s(", name)
		}
		arg, err := l.value()
		if err != nil {
			return nil, err
		}
		all = append(all, arg)
		if !l.accept(",") && !l.is(")") {
			return nil, errorf("unexpected token %q after %q in %s(); want ',' or ')'", l.token, arg, name)
		}
	}
	l.next()
	return all, nil
}

func (l *lexer) in(field string, kind func([]string) func(string) bool) (filter, error) {
	f := &inFilter{field: field, kind: kind}
	before := *l
	if strings.HasPrefix(strings.TrimSpace(l.rest), "*") {
		if l.next(); l.accept("*") && l.accept(")") {
			f.test = func(string) bool { return true }
			return f, nil
		}
		*l = before
	}
	values, err := l.arguments("in")
	if err == nil {
		f.values, f.test = values, kind(values)
		return f, nil
	}
	*l = before
	if f.query, err = l.subquery(); err != nil {
		return nil, errorf("cannot parse in(...) query: %w", err)
	}
	f.test = func(string) bool { return false }
	return f, nil
}

func (l *lexer) ignoreCase(field string) (filter, error) {
	l.next()
	phrase := ""
	if !l.is("*") {
		text, err := l.value()
		if err != nil {
			return nil, err
		}
		phrase = strings.ToLower(text)
	}
	test := hasPhrase
	if l.accept("*") {
		test = hasPrefix
	}
	if !l.accept(")") {
		return nil, errorf("unexpected token %q after i(); want ')'", l.token)
	}
	return valueFilter{field, func(v string) bool { return test(strings.ToLower(v), phrase) }}, nil
}

func (l *lexer) exactCall(field string) (filter, error) {
	l.next()
	f, err := l.exact(field)
	if err == nil && !l.accept(")") {
		err = errorf("unexpected token %q after exact(); want ')'", l.token)
	}
	return f, err
}

func (l *lexer) regexpCall(field string) (filter, error) {
	args, err := l.arguments("re")
	if err != nil || len(args) != 1 {
		return nil, errorf("re() needs one argument")
	}
	test, err := matches(args[0])
	if err != nil {
		return nil, regexpError(field, args[0], err)
	}
	return valueFilter{field, test}, nil
}

func regexpError(field, pattern string, err error) error {
	text := strings.Replace(err.Error(), "(?s)", "", 1)
	return errorf("invalid regexp %q:%q: %s", field, pattern, text)
}

func (l *lexer) sequence(field string) (filter, error) {
	phrases, err := l.arguments("seq")
	if err != nil {
		return nil, err
	}
	return valueFilter{field, func(v string) bool { return hasSequence(v, phrases) }}, nil
}

func fieldCall(test func(a, b string) bool) func(*lexer, string) (filter, error) {
	return func(l *lexer, field string) (filter, error) {
		args, err := l.arguments("eq_field")
		if err != nil {
			return nil, err
		}
		if len(args) != 1 {
			return nil, errorf("unexpected number of args; got %d; want 1", len(args))
		}
		return fieldFilter{field, args[0], test}, nil
	}
}
