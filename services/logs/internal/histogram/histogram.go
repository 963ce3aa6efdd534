// Package histogram arranges counts over time: one bucket per step, aligned to
// the step in UTC and without gaps, as a whole and per value of a field.
package histogram

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/platformbuilds/mirador-core/libs/timeparam"
	"github.com/platformbuilds/mirador-core/services/logs/internal/window"
)

const (
	// DefaultStep of a histogram.
	DefaultStep = time.Minute
	// MaxBuckets of a histogram.
	MaxBuckets = 10_000
	// Other is the group of all values that have no group of their own.
	Other = "other"
)

// ErrStep is a step that is no duration, or makes no bucket or too many.
var ErrStep = errors.New("invalid step or range")

// Count is the number of rows that one bucket has of one value.
type Count struct {
	// At is the begin of the bucket.
	At time.Time
	// Value of the field; empty without groups.
	Value string
	// Rest tells that the count is of values without a group of their own.
	Rest bool
	// Rows of the bucket.
	Rows uint64
}

// Group is the histogram of one value.
type Group struct {
	// Key is the value; Other for the rest.
	Key string
	// Counts per bucket.
	Counts []uint64
	// Total of the counts.
	Total uint64
}

// Histogram holds counts over time.
type Histogram struct {
	// Starts of the buckets.
	Starts []time.Time
	// Counts per bucket.
	Counts []uint64
	// Groups, those with most rows first, the rest last.
	Groups []Group
	// Total of the counts.
	Total uint64
}

// ParseStep reads a step: milliseconds, or a duration with a unit; empty means
// DefaultStep.
func ParseStep(text string) (time.Duration, error) {
	if text == "" {
		return DefaultStep, nil
	}
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
		if ms <= 0 || ms > int64(366*window.Day/time.Millisecond) {
			return 0, ErrStep
		}
		return time.Duration(ms) * time.Millisecond, nil
	}
	d, err := timeparam.ParseDuration(text)
	if err != nil || d < time.Millisecond || d > 366*window.Day {
		return 0, ErrStep
	}
	return d, nil
}

// Starts gives the begin of each bucket of the window.
func Starts(w window.Window, step time.Duration) ([]time.Time, error) {
	first := align(w.Start, step)
	n := int64(w.End.Sub(first)/step) + 1
	// A window that ends in the first second of a bucket was meant to end
	// before it: ends in whole seconds cover their second.
	if n > 1 && step > time.Second && w.End.Sub(first)%step == time.Second-1 {
		n--
	}
	if w.End.Before(w.Start) || n < 1 || n > MaxBuckets {
		return nil, ErrStep
	}
	starts := make([]time.Time, n)
	for i := range starts {
		starts[i] = first.Add(time.Duration(i) * step)
	}
	return starts, nil
}

// align gives the begin of the bucket that t lies in. Buckets count from the
// epoch, not from year 1 as Time.Truncate does.
func align(t time.Time, step time.Duration) time.Time {
	ns := t.UnixNano()
	rest := ns % int64(step)
	if rest < 0 {
		rest += int64(step)
	}
	return time.Unix(0, ns-rest).UTC()
}

// Build arranges counts into the buckets. Counts behind the last bucket, which
// only the first second after it can have, add one to the buckets.
func Build(starts []time.Time, step time.Duration, counts []Count) Histogram {
	h := Histogram{Starts: starts}
	for _, c := range counts {
		if i := h.index(c.At, step); i == len(h.Starts) {
			h.Starts = append(h.Starts, h.Starts[i-1].Add(step))
		}
	}
	h.Counts = make([]uint64, len(h.Starts))
	groups := map[Count]*Group{}
	for _, c := range counts {
		i := h.index(c.At, step)
		if i < 0 || i >= len(h.Counts) {
			continue
		}
		h.Counts[i] += c.Rows
		h.Total += c.Rows
		g := groupOf(groups, c, len(h.Counts))
		g.Counts[i] += c.Rows
		g.Total += c.Rows
	}
	h.Groups = sorted(groups)
	return h
}

func (h *Histogram) index(at time.Time, step time.Duration) int {
	return int(at.Sub(h.Starts[0]) / step)
}

func groupOf(groups map[Count]*Group, c Count, buckets int) *Group {
	key := Count{Value: c.Value, Rest: c.Rest}
	g := groups[key]
	if g == nil {
		g = &Group{Key: c.Value, Counts: make([]uint64, buckets)}
		if groups[key] = g; c.Rest {
			g.Key = Other
		}
	}
	return g
}

func sorted(groups map[Count]*Group) []Group {
	var list []Group
	var rest *Group
	for key, g := range groups {
		if key.Rest {
			rest = g
			continue
		}
		list = append(list, *g)
	}
	slices.SortFunc(list, func(a, b Group) int { return cmp.Or(cmp.Compare(b.Total, a.Total), cmp.Compare(a.Key, b.Key)) })
	if rest != nil {
		list = append(list, *rest)
	}
	return list
}
