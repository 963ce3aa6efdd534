package logsql

import (
	"slices"
	"strconv"
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

// quoted leaves a lone quote as the token when the string does not end.
func (l *lexer) quoted() {
	raw, token, ok := unquotePrefix(l.rest)
	if !ok {
		l.take(1)
		return
	}
	l.raw, l.token, l.rest = raw, token, l.rest[len(raw):]
}

func unquotePrefix(s string) (raw, token string, ok bool) {
	if s[0] == '\'' {
		return unquoteSingle(s)
	}
	raw, err := strconv.QuotedPrefix(s)
	if err != nil {
		return "", "", false
	}
	token, err = strconv.Unquote(raw)
	return raw, token, err == nil
}

// unquoteSingle reads what Go has no literal for, by way of double quotes.
func unquoteSingle(s string) (raw, token string, ok bool) {
	double := []byte{'"'}
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\'':
			token, err := strconv.Unquote(string(append(double, '"')))
			return s[:i+1], token, err == nil
		case s[i] == '"':
			double = append(double, '\\', '"')
		case s[i] == '\\' && i+1 < len(s):
			i++
			if s[i] != '\'' {
				double = append(double, '\\')
			}
			double = append(double, s[i])
		default:
			double = append(double, s[i])
		}
	}
	return "", "", false
}

// wordLen is the length of the word that s begins with.
func wordLen(s string) int {
	for i, r := range s {
		if !isWordRune(r) && r != '.' {
			return i
		}
	}
	return len(s)
}

func isWordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r)
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

// stops end a phrase that is put together from tokens without blanks between.
var stops = []string{"*", ",", "(", ")", "[", "]", "|", "!", "}", ""}

// phrase reads a quoted string, or words and signs up to the next blank.
func (l *lexer) phrase(colons bool) string {
	first, raw := l.token, l.raw
	l.next()
	if tail := l.tail(colons); tail != "" {
		return raw + tail
	}
	return first
}

func (l *lexer) tail(colons bool) string {
	var b strings.Builder
	for !l.spaced && !l.is(stops...) && (colons || !l.is(":")) {
		b.WriteString(l.raw)
		l.next()
	}
	return b.String()
}

// value reads a phrase where one must stand.
func (l *lexer) value() (string, error) {
	if l.is(stops...) || l.is(":") {
		return "", errorf("compound token cannot start with '%s'", l.raw)
	}
	if l.badQuote() {
		return "", errQuote
	}
	return l.phrase(true), nil
}

func (l *lexer) badQuote() bool { return l.raw == `"` || l.raw == "'" || l.raw == "`" }
