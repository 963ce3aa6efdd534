package shoplogs

import (
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/journey"
)

// Counts are numbers of rows of a window.
type Counts struct {
	Total     int
	ByService map[string]int
	ByLevel   map[string]int
	// PerMinute by the start of the minute in Unix seconds.
	PerMinute map[int64]int
}

// NewCounts begins at zero.
func NewCounts() *Counts {
	return &Counts{ByService: map[string]int{}, ByLevel: map[string]int{}, PerMinute: map[int64]int{}}
}

// Count counts exactly the rows that Rows visits, without their texts.
func Count(traffic *journey.Traffic, from, to time.Time) *Counts {
	c := NewCounts()
	Rows(traffic, from, to, func(r *Row) { c.Add(r.Service.Name, r.Level, r.Time, 1) })
	return c
}

// Add counts rows of one service, level and time.
func (c *Counts) Add(service, level string, at time.Time, rows int) {
	c.Total += rows
	c.ByService[service] += rows
	c.ByLevel[level] += rows
	c.PerMinute[at.Truncate(time.Minute).Unix()] += rows
}
