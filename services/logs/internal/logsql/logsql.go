// Package logsql knows as much of LogsQL as is needed to judge a query before
// it is sent and to put filters of our own into it: strings, comments,
// brackets and pipes. What a filter means is the back end's business.
package logsql

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxDepth of brackets.
const maxDepth = 256

// Error is why a query is refused.
type Error struct {
	// Message for people.
	Message string
	// Hint says what helps; may be empty.
	Hint string
	// Position of the fault.
	Position Position
	// TooLong tells that the text exceeds the limit.
	TooLong bool
}

// Error gives message and position.
func (e *Error) Error() string {
	if e.TooLong {
		return e.Message
	}
	return fmt.Sprintf("%s at line %d, column %d", e.Message, e.Position.Line, e.Position.Column)
}

// Limits of a query.
type Limits struct {
	// MaxBytes of the text; 0 means no limit.
	MaxBytes int
	// Scoped callers may not use stream_context, which shows rows past the
	// filters that hold a caller.
	Scoped bool
}

// Pipe is one pipe of a query or subquery.
type Pipe struct {
	// Name in lower case; "filter" for a filter without the word.
	Name string
	// At is the offset of the name.
	At int
	// Depth is 0 in the query itself and more in a subquery.
	Depth int
}

// Checked is a query that passed the guard.
type Checked struct {
	// Text to send: the query without comments; "*" stands for an empty filter.
	Text string
	// Filter is the part before the first pipe.
	Filter string
	// Tail is the rest, beginning with "|"; empty without pipes.
	Tail string
	// Pipes in the order of the text.
	Pipes []Pipe
	// whole is the query with blanks for comments, so that offsets hold.
	whole string
}

// Has tells whether the query itself has the pipe.
func (c Checked) Has(names ...string) bool {
	for _, p := range c.Pipes {
		for _, name := range names {
			if p.Depth == 0 && p.Name == name {
				return true
			}
		}
	}
	return false
}

// And gives the query narrowed by a filter, which is put before the first pipe.
func (c Checked) And(filter string) string {
	if filter == "" {
		return c.Text
	}
	return strings.TrimSpace("(" + c.Filter + ") AND (" + filter + ") " + c.Tail)
}

// Check judges a query: its length, that strings and brackets are closed, and
// that only known pipes are used. The error is an *Error.
func Check(query string, l Limits) (Checked, error) {
	if l.MaxBytes > 0 && len(query) > l.MaxBytes {
		return Checked{}, &Error{TooLong: true, Message: fmt.Sprintf("the query has %d bytes, the limit is %d", len(query), l.MaxBytes)}
	}
	if !utf8.ValidString(query) {
		return Checked{}, &Error{Message: "the query is not valid UTF-8", Position: locate(query, invalidAt(query))}
	}
	g := guard{lexer: lexer{in: query}, limits: l, tail: -1}
	if err := g.run(); err != nil {
		return Checked{}, err
	}
	return g.checked(), nil
}

// And narrows a query by a filter, wherever the query's pipes begin. A query
// that Check refuses becomes one that finds nothing.
func And(query, filter string) string {
	c, err := Check(query, Limits{})
	if err != nil {
		return "!*"
	}
	return c.And(filter)
}

func invalidAt(s string) int {
	for i, r := range s {
		if _, n := utf8.DecodeRuneInString(s[i:]); r == utf8.RuneError && n == 1 {
			return i
		}
	}
	return 0
}
