package metricsql

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Position in a query text.
type Position struct {
	// Offset in bytes from 0.
	Offset int
	// Line from 1.
	Line int
	// Column in characters from 1.
	Column int
}

// ParseError says why a query cannot be parsed.
type ParseError struct {
	// Message for people.
	Message string
	// Position where reading stopped; nil when it is not known.
	Position *Position
}

// Error gives the message with the position.
func (e *ParseError) Error() string {
	if e.Position == nil {
		return e.Message
	}
	return e.Message + " at line " + strconv.Itoa(e.Position.Line) + ", column " + strconv.Itoa(e.Position.Column)
}

// The parser reports the rest of the text behind these words. The rest that
// could not even be split into tokens is the more exact one, so it is first.
const (
	restUnknown = "cannot recognize "
	restString  = "for the string "
	restBehind  = "unparsed data: "
	restLeft    = "unparsed data left: "
	unsupported = "unsupported function "
)

// isSyntax tells errors of the grammar from later ones (templates, regular
// expressions, functions), which a newer server may judge differently.
func isSyntax(err error) bool {
	s := err.Error()
	return strings.Contains(s, restBehind) || strings.HasPrefix(s, restLeft) ||
		strings.HasPrefix(s, "cannot find the first token: ")
}

func newParseError(text string, err error) *ParseError {
	s := err.Error()
	return &ParseError{Message: readable(s), Position: locate(text, s)}
}

func locate(text, message string) *Position {
	for _, words := range []string{restUnknown, restString, restBehind, restLeft} {
		if rest, ok := quotedAfter(message, words); ok && strings.HasSuffix(text, rest) {
			return position(text, len(text)-len(rest))
		}
	}
	if name, ok := quotedAfter(message, unsupported); ok {
		if n := strings.Index(text, name); n >= 0 {
			return position(text, n)
		}
	}
	return nil
}

func quotedAfter(message, words string) (string, bool) {
	_, tail, found := strings.Cut(message, words)
	if !found {
		return "", false
	}
	quoted, err := strconv.QuotedPrefix(tail)
	if err != nil {
		return "", false
	}
	s, err := strconv.Unquote(quoted)
	return s, err == nil
}

func position(text string, offset int) *Position {
	head := text[:offset]
	line := head[strings.LastIndexByte(head, '\n')+1:]
	return &Position{Offset: offset, Line: strings.Count(head, "\n") + 1, Column: utf8.RuneCountInString(line) + 1}
}

// maxMessage bounds a message: the parser repeats the rest of the text.
const maxMessage = 200

// readable drops what only the parser's author needs: the name of the rule
// and the rest of the text.
func readable(s string) string {
	s = strings.TrimPrefix(s, "cannot find the first token: ")
	s = strings.TrimPrefix(s, "cannot expand WITH expressions: ")
	s, _, _ = strings.Cut(s, "; "+restBehind)
	if strings.HasPrefix(s, "duplicate `with`") {
		s = "a WITH template is defined twice"
	}
	if rule, rest, found := strings.Cut(s, ": unexpected token"); found && !strings.ContainsAny(rule, `"'`) {
		s = "unexpected token" + rest
	}
	s = strings.Replace(s, `unexpected token ""`, "unexpected end of query", 1)
	s = strings.Replace(s, restLeft, "unexpected text ", 1)
	return clip(s)
}

func clip(s string) string {
	if len(s) <= maxMessage {
		return s
	}
	cut := maxMessage
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "..."
}

// Locate finds where a server, whose words are those of this parser, stopped
// reading the text; nil when its message does not say.
func Locate(text, message string) *Position { return locate(text, message) }

// AsParseError gives the parse error of a Check, whatever refused the query;
// nil for nil.
func AsParseError(err error) *ParseError {
	var p *ParseError
	if err == nil || errors.As(err, &p) {
		return p
	}
	return &ParseError{Message: err.Error()}
}
