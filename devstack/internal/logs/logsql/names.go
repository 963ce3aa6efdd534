package logsql

import (
	"slices"
	"strings"
)

// names are the fields that a pipe is about; a name may end in *.
type names struct {
	exact    []string
	prefixes []string
}

func (n names) match(name string) bool {
	return slices.Contains(n.exact, name) || slices.ContainsFunc(n.prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}

// empty is nothing named, or everything: both mean all.
func (n names) all() bool {
	return len(n.exact) == 0 && len(n.prefixes) == 0 || slices.Contains(n.prefixes, "")
}

func (n names) text() string {
	all := slices.Clone(n.exact)
	for i, name := range all {
		all[i] = quoteIfNeeded(name)
	}
	for _, p := range n.prefixes {
		all = append(all, p+"*")
	}
	if len(all) == 0 {
		return "*"
	}
	return strings.Join(all, ", ")
}

// name reads a name; colons belong to it where no bucket may follow.
func (l *lexer) name(colons bool) (string, error) {
	if l.badQuote() {
		return "", errQuote
	}
	if l.is(stops...) {
		return "", errorf("unexpected token %q instead of a field name", l.token)
	}
	return l.phrase(colons), nil
}

func (l *lexer) addName(to *names) error {
	prefix := ""
	if !l.is("*") {
		var err error
		if prefix, err = l.name(true); err != nil {
			return err
		}
		if !l.is("*") || l.spaced {
			to.exact = append(to.exact, prefix)
			return nil
		}
	}
	l.next()
	to.prefixes = append(to.prefixes, prefix)
	return nil
}

// nameList reads a, b, c*.
func (l *lexer) nameList() (n names, err error) {
	for {
		if err := l.addName(&n); err != nil {
			return n, err
		}
		if !l.accept(",") {
			return n, nil
		}
	}
}

// namesInParens reads (a, b, c*), which may be empty.
func (l *lexer) namesInParens() (n names, err error) {
	if !l.accept("(") {
		return n, errorf("missing `(`")
	}
	for !l.is(")") {
		if err := l.addName(&n); err != nil {
			return n, err
		}
		if !l.accept(",") && !l.is(")") {
			return n, errorf("unexpected token %q; want ',' or ')'", l.token)
		}
	}
	l.next()
	return n, nil
}

// condition reads if (filter), if it stands there.
func (l *lexer) condition() (filter, error) {
	if !l.accept("if") {
		return nil, nil
	}
	if !l.accept("(") {
		return nil, errorf("missing '(' after 'if'")
	}
	if l.accept(")") {
		return allFilter{}, nil
	}
	f, err := l.or("")
	if err == nil && !l.accept(")") {
		err = errorf("unexpected token %q after 'if' filter; want ')'", l.token)
	}
	return f, err
}

// pairs reads a as b, c as d.
func (l *lexer) pairs() (all [][2]string, err error) {
	for {
		from, err := l.wildName()
		if err != nil {
			return nil, err
		}
		l.accept("as")
		to, err := l.wildName()
		if err != nil {
			return nil, err
		}
		all = append(all, [2]string{from, to})
		if !l.accept(",") {
			return all, nil
		}
	}
}

// wildName reads a name with * at its end kept.
func (l *lexer) wildName() (string, error) {
	var n names
	if err := l.addName(&n); err != nil {
		return "", err
	}
	if len(n.prefixes) > 0 {
		return n.prefixes[0] + "*", nil
	}
	return n.exact[0], nil
}

// renamed says what pair makes of name; false when it is not about it.
func renamed(pair [2]string, name string) (string, bool) {
	prefix, wild := strings.CutSuffix(pair[0], "*")
	if !wild {
		return pair[1], name == pair[0]
	}
	rest, ok := strings.CutPrefix(name, prefix)
	to, wild := strings.CutSuffix(pair[1], "*")
	if wild {
		to += rest
	}
	return to, ok
}
