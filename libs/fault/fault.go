// Package fault is the one error type that crosses Mirador's hops. The domain
// returns a fault, a gRPC interceptor turns it into a status, the edge turns
// it into an RFC 9457 problem document. The public face (message, detail,
// fields) is for the caller; the wrapped cause is for the log only.
package fault

import (
	"fmt"
	"time"
)

// Field is one faulty member of a request.
type Field struct {
	// Pointer is a JSON pointer into the body ("/query") or the name of a
	// query parameter, header or path parameter.
	Pointer string
	// Detail says what is wrong with it.
	Detail string
}

// Error is a fault with a code of the catalogue. Build it with New and the
// With methods; the zero value is not useful.
type Error struct {
	// Code of the catalogue; it decides the kind.
	Code Code
	// Message is the contract's exact text for the `error` member.
	Message string
	// Detail says more, for people.
	Detail string
	// Fields names the faulty members.
	Fields []Field
	// Suggestions say what to do next.
	Suggestions []string
	// RetryAfter is how long a caller should wait; 0 means unknown.
	RetryAfter time.Duration
	// Extra holds the contract's extension members, by name.
	Extra map[string]any

	cause error
}

// New returns a fault with the message that callers see.
func New(code Code, message string) *Error {
	return &Error{Code: code, Message: message}
}

// Newf is New with a formatted message.
func Newf(code Code, format string, args ...any) *Error {
	return New(code, fmt.Sprintf(format, args...))
}

// Kind of the fault, from the catalogue.
func (e *Error) Kind() Kind { return e.Code.Entry().Kind }

// Error gives the message, the detail and the cause: text for logs, never for
// callers.
func (e *Error) Error() string {
	s := e.Message
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Unwrap gives the private cause.
func (e *Error) Unwrap() error { return e.cause }

// Is makes errors.Is match faults by code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// WithDetail sets the detail for people.
func (e *Error) WithDetail(format string, args ...any) *Error {
	e.Detail = fmt.Sprintf(format, args...)
	return e
}

// WithField adds one faulty member.
func (e *Error) WithField(pointer, format string, args ...any) *Error {
	e.Fields = append(e.Fields, Field{Pointer: pointer, Detail: fmt.Sprintf(format, args...)})
	return e
}

// WithSuggestion adds one thing the caller can do.
func (e *Error) WithSuggestion(format string, args ...any) *Error {
	e.Suggestions = append(e.Suggestions, fmt.Sprintf(format, args...))
	return e
}

// WithRetryAfter says how long to wait.
func (e *Error) WithRetryAfter(d time.Duration) *Error {
	e.RetryAfter = d
	return e
}

// WithExtra adds an extension member to the problem document. The value must
// be a string, a bool, a float64, or a slice or map of these.
func (e *Error) WithExtra(name string, value any) *Error {
	if e.Extra == nil {
		e.Extra = map[string]any{}
	}
	e.Extra[name] = value
	return e
}

// Wrap keeps the private cause for the log.
func (e *Error) Wrap(cause error) *Error {
	e.cause = cause
	return e
}
