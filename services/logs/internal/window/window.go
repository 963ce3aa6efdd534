// Package window is the span of time that a question is about.
package window

import (
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/timeparam"
)

// Day is the default length, and the longest of histograms, facets and searches.
const Day = 24 * time.Hour

// Window is a span of time; both ends belong to it.
type Window struct {
	Start, End time.Time
}

// Length of the window.
func (w Window) Length() time.Duration { return w.End.Sub(w.Start) }

// Clip keeps the last part of the window that is not longer than most, and
// tells whether something was left out.
func (w Window) Clip(most time.Duration) (Window, bool) {
	if w.Length() <= most {
		return w, false
	}
	w.Start = w.End.Add(-most)
	return w, true
}

// Rules say what a window may be.
type Rules struct {
	// Prefix of the members' names in faults: "/" for a body, "" for parameters.
	Prefix string
	// Length when no start is given; 0 means Day.
	Length time.Duration
	// End when none is given; zero means now.
	End time.Time
	// Longest window; 0 means no limit.
	Longest time.Duration
}

// Parse reads a window from its texts. An end in whole seconds covers its second. The fault of bad text is of code
// invalid_time and names the member; a window that ends before it begins or is
// too long is refused, too.
func Parse(start, end string, now time.Time, r Rules) (Window, error) {
	w := Window{End: r.End}
	if w.End.IsZero() {
		w.End = now
	}
	var err error
	if end != "" {
		if w.End, err = timeparam.Time(r.Prefix+"end", end, now); err != nil {
			return w, err
		}
		w.End = widened(w.End)
	}
	if r.Length == 0 {
		r.Length = Day
	}
	w.Start = w.End.Add(-r.Length)
	if start != "" {
		if w.Start, err = timeparam.Time(r.Prefix+"start", start, now); err != nil {
			return w, err
		}
	}
	return w, w.check(r)
}

// widened is the end of the second when the end is given in whole seconds: so
// the back end reads it, and every answer about a window must agree.
func widened(end time.Time) time.Time {
	if end.Nanosecond() == 0 {
		return end.Add(time.Second - 1)
	}
	return end
}

func (w Window) check(r Rules) error {
	if w.End.Before(w.Start) {
		return fault.New(fault.CodeInvalidTime, "Invalid time range").
			WithField(r.Prefix+"start", "the window ends before it begins")
	}
	if r.Longest > 0 && w.Length() > r.Longest {
		return fault.New(fault.CodeQueryTooExpensive, "Time range too long").
			WithField(r.Prefix+"start", "the window is %s long, the longest is %s", w.Length(), r.Longest).
			WithExtra("max_range_seconds", r.Longest.Seconds())
	}
	return nil
}
