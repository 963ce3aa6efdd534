package logsql

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind of a token.
type kind uint8

const (
	word kind = iota
	quoted
	sign
	comment
)

// token is a piece of a query.
type token struct {
	kind kind
	// text as it stands in the query.
	text string
	// at is the offset in bytes.
	at int
	// joined tells that no blank is before it.
	joined bool
}

// lexer splits a query the way VictoriaLogs does: words, strings in ", ' and `
// with Go's rules of escaping, comments from # to the end of the line, and
// single signs.
type lexer struct {
	in     string
	pos    int
	joined bool
}

// next gives the next token; ok is false at the end. Comments are tokens, too.
func (l *lexer) next() (t token, ok bool, err error) {
	l.joined = l.pos > 0
	for l.pos < len(l.in) {
		r, n := utf8.DecodeRuneInString(l.in[l.pos:])
		if !unicode.IsSpace(r) {
			break
		}
		l.pos, l.joined = l.pos+n, false
	}
	if l.pos == len(l.in) {
		return token{}, false, nil
	}
	t = token{at: l.pos, joined: l.joined}
	var n int
	if t.kind, n = measure(l.in[l.pos:]); n == 0 {
		return t, false, &Error{Message: "improperly quoted string", Position: locate(l.in, t.at),
			Hint: "inside double quotes a backslash is written twice; inside backticks nothing is special"}
	}
	t.text = l.in[l.pos : l.pos+n]
	l.pos += n
	return t, true, nil
}

// measure gives kind and length of the token that s begins with; length 0 is
// a string that does not end or is badly escaped.
func measure(s string) (kind, int) {
	switch s[0] {
	case '"', '`':
		prefix, err := strconv.QuotedPrefix(s)
		if err != nil {
			return quoted, 0
		}
		return quoted, len(prefix)
	case '\'':
		return quoted, single(s)
	case '#':
		if n := strings.IndexByte(s, '\n'); n >= 0 {
			return comment, n
		}
		return comment, len(s)
	}
	if n := wordLength(s); n > 0 {
		return word, n
	}
	_, n := utf8.DecodeRuneInString(s)
	return sign, n
}

func wordLength(s string) int {
	for i, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' {
			return i
		}
	}
	return len(s)
}

// single gives the length of a string in single quotes.
func single(s string) int {
	rest := s[1:]
	for !strings.HasPrefix(rest, "'") {
		_, _, tail, err := strconv.UnquoteChar(rest, '\'')
		if err != nil {
			return 0
		}
		rest = tail
	}
	return len(s) - len(rest) + 1
}

// Position in a query.
type Position struct {
	// Offset in bytes from 0; Line and Column, in characters, from 1.
	Offset, Line, Column int
}

func locate(query string, offset int) Position {
	before := query[:offset]
	line := strings.LastIndexByte(before, '\n') + 1
	return Position{Offset: offset, Line: strings.Count(before, "\n") + 1, Column: utf8.RuneCountInString(before[line:]) + 1}
}

// Locate gives the place in the query that a caller asked for, when the back
// end stopped at an offset of what was made of it: the same in brackets with a
// filter behind it, as And writes it.
func Locate(asked, sent string, offset int) Position {
	offset = min(offset, len(sent))
	if sent != asked {
		offset = restored(asked, sent, offset)
	}
	offset = max(0, min(offset, len(asked)))
	for offset > 0 && offset < len(asked) && !utf8.RuneStart(asked[offset]) {
		offset--
	}
	return locate(asked, offset)
}

// restored aligns the texts at their begin, and what is behind the filter at
// their end.
func restored(asked, sent string, offset int) int {
	if strings.HasPrefix(sent, asked) {
		return offset
	}
	inner := strings.TrimPrefix(sent, "(")
	same := 0
	for same < min(len(inner), len(asked)) && inner[same] == asked[same] {
		same++
	}
	if offset-(len(sent)-len(inner)) <= same {
		return offset - (len(sent) - len(inner))
	}
	return max(same, len(asked)-(len(sent)-offset))
}
