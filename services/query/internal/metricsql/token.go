package metricsql

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A token of a query, as far as this package looks at texts itself: words,
// strings and single characters, without blanks and comments. It serves
// decisions that must not depend on the parser.
type token struct {
	text string
	// gap tells that blanks or a comment stood before the token.
	gap bool
}

func (t token) isWord() bool {
	r, _ := utf8.DecodeRuneInString(t.text)
	return r == '\\' || wordRune(r)
}

// tokens splits the text; ok is false when a string does not end.
func tokens(text string) (list []token, ok bool) {
	list = make([]token, 0, len(text)/4)
	for text != "" {
		rest := skipBlanks(text)
		if rest == "" {
			return list, true
		}
		n := tokenLen(rest)
		if n == 0 {
			return list, false
		}
		list = append(list, token{text: rest[:n], gap: len(rest) < len(text)})
		text = rest[n:]
	}
	return list, true
}

func skipBlanks(s string) string {
	for {
		s = strings.TrimLeft(s, " \t\n\v\f\r")
		if !strings.HasPrefix(s, "#") {
			return s
		}
		n := strings.IndexByte(s, '\n')
		if n < 0 {
			return ""
		}
		s = s[n+1:]
	}
}

func tokenLen(s string) int {
	switch s[0] {
	case '"', '\'', '`':
		return stringLen(s)
	}
	if n := wordLen(s); n > 0 {
		return n
	}
	_, n := utf8.DecodeRuneInString(s)
	return n
}

// stringLen follows the parser: a backslash guards the quote in all three
// kinds of quotes. 0 means that the string does not end.
func stringLen(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case s[0]:
			return i + 1
		}
	}
	return 0
}

func wordLen(s string) int {
	n := 0
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		if r == '\\' && n+1 < len(s) {
			_, escaped := utf8.DecodeRuneInString(s[n+1:])
			n += 1 + escaped
			continue
		}
		if !wordRune(r) {
			break
		}
		n += size
	}
	return n
}

func wordRune(r rune) bool {
	return r == '_' || r == ':' || r == '.' || r >= '0' && r <= '9' || unicode.IsLetter(r)
}
