package logsql

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

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

// quoteIfNeeded writes a word as it may stand in a query.
func quoteIfNeeded(s string) string {
	if s != "" && wordLen(s) == len(s) && !strings.EqualFold(s, "and") && !strings.EqualFold(s, "or") && !strings.EqualFold(s, "not") {
		return s
	}
	return strconv.Quote(s)
}
