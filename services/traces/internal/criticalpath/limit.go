package criticalpath

import "github.com/platformbuilds/mirador-core/services/traces/internal/trace"

// Limit gives a path of at most most segments that covers the same time:
// neighbours become one under the name of the longest of them.
func (p Path) Limit(most int) Path {
	if len(p.Segments) <= most {
		return p
	}
	group := (len(p.Segments) + most - 1) / most
	short := Path{Start: p.Start, Duration: p.Duration}
	for i := 0; i < len(p.Segments); i += group {
		short.Segments = append(short.Segments, join(p.Segments[i:min(i+group, len(p.Segments))]))
	}
	return short
}

func join(list []Segment) Segment {
	joined, longest := list[0], list[0].Duration
	for _, s := range list[1:] {
		joined.Duration += s.Duration
		if s.Duration > longest {
			joined.Span, longest = s.Span, s.Duration
		}
	}
	return joined
}

// Shares of the services in the path, by name, in microseconds; gaps count as
// nobody's.
func (p Path) Shares(t *trace.Tree) map[string]int64 {
	shares := map[string]int64{}
	for _, s := range p.Segments {
		if s.Span != trace.None {
			shares[t.Spans[s.Span].Service] += s.Duration
		}
	}
	return shares
}
