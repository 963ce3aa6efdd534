package shoptraces

import (
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/journey"
)

// Counts are numbers of spans and traces of a window.
type Counts struct {
	// Spans that end in the window, Failed those of them with an error.
	Spans, Failed int
	// Traces of which at least one span ends in the window.
	Traces int
	// ByService counts spans by the service whose work they are.
	ByService map[string]int
	// PerMinute counts spans by the minute of their end in Unix seconds.
	PerMinute map[int64]int
}

// Count counts exactly the spans that Spans visits.
func Count(traffic *journey.Traffic, from, to time.Time) *Counts {
	c := &Counts{ByService: map[string]int{}, PerMinute: map[int64]int{}}
	var last [16]byte
	Spans(traffic, from, to, func(s *Span) {
		c.Spans++
		if s.Fault != "" {
			c.Failed++
		}
		if s.Trace != last { // spans of a trace come together
			last = s.Trace
			c.Traces++
		}
		c.ByService[s.Service.Name]++
		c.PerMinute[s.End.Truncate(time.Minute).Unix()]++
	})
	return c
}
