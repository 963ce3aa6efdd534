// Package metricsql reads MetricsQL: it checks a query, says where it is
// wrong, names what the query reads, and builds the selector that holds a
// caller to a tenant. It is the only importer of the parser, and it asks no
// back end.
//
// The server decides what MetricsQL is, and it may be newer than this parser.
// So only clear syntax errors are refused; a query that merely holds something
// unknown (a new function) is passed on, without an analysis.
package metricsql

import (
	"errors"
	"fmt"

	"github.com/VictoriaMetrics/metricsql"
)

// Query is a checked query. It is immutable and safe for concurrent use.
type Query struct {
	text string
	expr metricsql.Expr
}

// Check reads a query that is about to be sent to a server. It refuses syntax
// errors with a *ParseError, and templates that expand beyond measure with
// ErrExpansion; on any other doubt the query passes and is not Analysed.
func Check(text string) (*Query, error) {
	return check(text, false)
}

// CheckStrict is Check for people: it also refuses what this parser does not
// know, such as a function name with a typing error.
func CheckStrict(text string) (*Query, error) {
	return check(text, true)
}

func check(text string, strict bool) (*Query, error) {
	if expands(text) {
		return nil, ErrExpansion
	}
	expr, err := parse(text)
	if err == nil {
		return &Query{text: text, expr: expr}, nil
	}
	if !strict && !isSyntax(err) {
		return &Query{text: text}, nil
	}
	return nil, newParseError(text, err)
}

// errPanic stands for a bug of the parser, which says nothing about the query.
var errPanic = errors.New("the parser cannot handle this query")

// parse guards against the parser's own panics on odd input.
func parse(text string) (expr metricsql.Expr, err error) {
	defer func() {
		if r := recover(); r != nil {
			expr, err = nil, fmt.Errorf("%w: %v", errPanic, r)
		}
	}()
	return metricsql.Parse(text)
}

// Text as the caller wrote it.
func (q *Query) Text() string { return q.text }

// Analysed tells whether the parser understood the whole query. When it did
// not, selectors and functions are unknown, not absent.
func (q *Query) Analysed() bool { return q.expr != nil }
