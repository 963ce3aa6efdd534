// Package cost is the guard in front of the back end: it refuses queries that
// ask for too much, with the numbers and with a step or range that would fit.
// It knows no query language.
package cost

import (
	"math"
	"strconv"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// Limits of one tenant. A zero member means no limit.
type Limits struct {
	// Points of each series in an answer.
	Points int
	// Range between start and end.
	Range time.Duration
	// Text of a query in bytes.
	Text int
	// Series in an answer.
	Series int
	// Concurrent queries.
	Concurrent int
}

// Range is one range query.
type Range struct {
	Start, End time.Time
	Step       time.Duration
}

// Points that each series of the answer can have.
func (r Range) Points() float64 {
	return math.Floor(float64(r.End.Sub(r.Start))/float64(r.Step)) + 1
}

// CheckText refuses a query text that is empty or too long; field names it.
func (l Limits) CheckText(message, field, text string) error {
	if text == "" {
		return fault.New(fault.CodeInvalidRequest, message).WithField(field, "is required")
	}
	if l.Text > 0 && len(text) > l.Text {
		return fault.New(fault.CodeQueryTooLong, message).
			WithField(field, "has %d bytes, at most %d are allowed", len(text), l.Text)
	}
	return nil
}

// maxStep is the longest step that the back end takes.
const maxStep = 100 * 365 * 24 * time.Hour

// CheckRange refuses a reversed range, a step out of bounds, a range that is
// too long, and too many points.
func (l Limits) CheckRange(message string, r Range) error {
	switch {
	case r.End.Before(r.Start):
		return fault.New(fault.CodeInvalidTime, message).WithField("/end", "must not be before start")
	case r.Step < time.Millisecond || r.Step > maxStep:
		return fault.New(fault.CodeInvalidTime, message).WithField("/step", "must be between 1ms and 100y")
	case l.Range > 0 && r.End.Sub(r.Start) > l.Range:
		return tooLong(message, "/start", r.End.Sub(r.Start), l.Range)
	case l.Points > 0 && r.Points() > float64(l.Points):
		return l.tooManyPoints(message, r)
	}
	return nil
}

// CheckWindow refuses a listing over a reversed or too long window.
func (l Limits) CheckWindow(message string, start, end time.Time) error {
	if end.Before(start) {
		return fault.New(fault.CodeInvalidTime, message).WithField("end", "must not be before start")
	}
	if window := end.Sub(start); l.Range > 0 && window > l.Range {
		return tooLong(message, "start", window, l.Range)
	}
	return nil
}

func tooLong(message, field string, asked, allowed time.Duration) error {
	return fault.New(fault.CodeQueryTooExpensive, message).
		WithDetail("the query covers %s, at most %s is allowed", Step(asked.Round(time.Second)), Step(allowed)).
		WithField(field, "the range is too long").
		WithSuggestion("shorten the range to %s", Step(allowed))
}

func (l Limits) tooManyPoints(message string, r Range) error {
	step := Step(l.Fit(r))
	return fault.New(fault.CodeQueryTooExpensive, message).
		WithDetail("the query asks for %s points per series, at most %d are allowed; a step of %s fits",
			whole(r.Points()), l.Points, step).
		WithField("/step", "is too small for the range; %s fits", step).
		WithSuggestion("use a step of %s or more", step).
		WithExtra("points", r.Points()).
		WithExtra("max_points", float64(l.Points)).
		WithExtra("suggested_step", step)
}

// TooManySeries is the refusal of an answer with more series than allowed.
func (l Limits) TooManySeries(message string) error {
	return fault.New(fault.CodeQueryTooExpensive, message).
		WithDetail("the answer has more than %d series", l.Series).
		WithSuggestion("narrow the selector, or aggregate with sum or topk").
		WithExtra("max_series", float64(l.Series))
}

func whole(f float64) string { return strconv.FormatFloat(f, 'f', 0, 64) }
