package logsql

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// lexer cuts a query into words, quoted strings and single signs.
type lexer struct {
	whole   string // all of the query
	rest    string // what follows token
	token   string // without quotes; "" at the end
	raw     string // as written; "" at the end only
	prev    string // the raw token before
	spaced  bool   // blanks or a comment stand before token
	depth   int    // nesting of parentheses and subqueries
	context contexts
}

// contexts is what parsing needs to know besides the text.
type contexts struct{ now int64 }

func newLexer(text string, now int64) *lexer {
	l := &lexer{whole: text, rest: text, context: contexts{now}}
	l.next()
	return l
}

func (l *lexer) next() {
	l.prev, l.token, l.raw, l.spaced = l.raw, "", "", false
	l.skipBlanks()
	if l.rest == "" {
		return
	}
	if n := wordLen(l.rest); n > 0 {
		l.take(n)
		return
	}
	switch l.rest[0] {
	case '"', '`', '\'':
		l.quoted()
	case '=':
		l.sign("=~")
	case '!':
		l.sign("!~", "!=")
	default:
		_, n := utf8.DecodeRuneInString(l.rest)
		l.take(n)
	}
}

func (l *lexer) skipBlanks() {
	for l.rest != "" {
		r, n := utf8.DecodeRuneInString(l.rest)
		switch {
		case unicode.IsSpace(r):
			l.rest = l.rest[n:]
		case r == '#':
			_, l.rest, _ = strings.Cut(l.rest, "\n")
		default:
			return
		}
		l.spaced = true
	}
}

func (l *lexer) take(n int) {
	l.token, l.raw, l.rest = l.rest[:n], l.rest[:n], l.rest[n:]
}

func (l *lexer) sign(long ...string) {
	for _, s := range long {
		if strings.HasPrefix(l.rest, s) {
			l.take(2)
			return
		}
	}
	l.take(1)
}

// is says whether the token is one of these, unquoted and in any case.
func (l *lexer) is(words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(l.raw, w) })
}

func (l *lexer) isQuoted() bool { return l.raw != "" && strings.ContainsRune("\"'`", rune(l.raw[0])) }

func (l *lexer) isEnd() bool { return l.raw == "" }

// seen is what was read so far, the last fifty bytes of it.
func (l *lexer) seen() string {
	s := l.whole[:len(l.whole)-len(l.rest)]
	return s[max(0, len(s)-50):]
}

// accept steps over the token if it is one of these.
func (l *lexer) accept(words ...string) bool {
	if !l.is(words...) {
		return false
	}
	l.next()
	return true
}
