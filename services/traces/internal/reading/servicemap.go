package reading

import (
	"context"
	"errors"
	"strings"

	"github.com/platformbuilds/mirador-core/services/traces/internal/criteria"
	"github.com/platformbuilds/mirador-core/services/traces/internal/servicemap"
	"github.com/platformbuilds/mirador-core/services/traces/internal/trace"
)

// maxMapSpans is how many spans one map is made of; of more, whole traces are
// left out.
const maxMapSpans = 100_000

// Graph is a service map and where it comes from.
type Graph struct {
	servicemap.Map
	// Window that it is of.
	criteria.Window
	// Source is "dependencies" or "spans"; Note explains it for people.
	Source, Note string
	// Traces that were looked at; 0 when the back end counted.
	Traces int
	// Sampled tells that there are more, and that counts are estimates.
	Sampled bool
}

// ServiceMap gives the calls between services; start defaults to an hour before
// the end. In is what stands before names of fields in faults.
func (s *Service) ServiceMap(ctx context.Context, start, end, service, in string) (Graph, error) {
	w, err := s.reader(badMap, in, mapWindow).Window(start, end)
	if err != nil {
		return Graph{}, err
	}
	c, err := s.begin(ctx, failedMap, s.Limits.Timeout, decodes)
	if err != nil {
		return Graph{}, err
	}
	defer c.end()
	g, err := s.graph(c, w)
	if err != nil {
		return Graph{}, failed(err, c.message)
	}
	g.Map, g.Window = g.Touching(service), w
	return g, nil
}

// graph from the best source that the back end has.
func (s *Service) graph(c *call, w criteria.Window) (Graph, error) {
	calls, err := s.Backend.Dependencies(c.ctx, c.id, w)
	if err == nil {
		return Graph{Map: servicemap.FromCalls(calls, c.scope.Keep()), Source: "dependencies",
			Note: "counted by the back end's dependencies endpoint, which knows neither errors nor durations"}, nil
	}
	if !errors.Is(err, servicemap.ErrUnsupported) {
		return Graph{}, err
	}
	g, err := s.fromRows(c, w)
	if errors.Is(err, servicemap.ErrUnsupported) {
		return s.fromTraces(c, w)
	}
	return g, err
}

// fromRows joins the spans of the window, or of every 16th, 256th, ... trace
// when there are too many: ids are random, so that is a fair choice.
func (s *Service) fromRows(c *call, w criteria.Window) (Graph, error) {
	counts, err := s.Backend.Counts(c.ctx, c.id, w)
	if err != nil {
		return Graph{}, err
	}
	total := servicemap.Total(counts)
	suffix := ""
	for part := total; part > maxMapSpans && len(suffix) < 4; part /= 16 {
		suffix += "0"
	}
	b, seen, err := s.join(c, w, suffix)
	if err == nil && seen == 0 && suffix != "" {
		// Ids that end alike: the newest spans will have to do.
		b, seen, err = s.join(c, w, "")
	}
	if err != nil {
		return Graph{}, err
	}
	g := Graph{Map: b.Map(), Source: "spans", Traces: b.Traces(),
		Note: "made of all spans of the window, since the back end's dependencies endpoint is switched off"}
	if seen > 0 && float64(seen) < total {
		g.Sampled = true
		g.Map = g.Scaled(total/float64(seen), visibleCounts(c, counts))
		g.Note = "made of a part of the window's traces and scaled up, since there are more spans than one map is made of; " +
			"rates and errors of services are exact, latencies are those of the part"
	}
	return g, nil
}

// join gives the spans that the caller may see, and how many there were to
// anyone.
func (s *Service) join(c *call, w criteria.Window, suffix string) (b *servicemap.Builder, seen int, err error) {
	b = servicemap.NewBuilder()
	err = s.Backend.Spans(c.ctx, c.id, w, suffix, maxMapSpans, func(traceID string, span trace.Span) {
		if seen++; c.scope.Allows(span.Service) {
			b.Add(strings.ToLower(traceID), span)
		}
	})
	return b, seen, err
}

func visibleCounts(c *call, counts []servicemap.Count) []servicemap.Count {
	var kept []servicemap.Count
	for _, n := range counts {
		if c.scope.Allows(n.Service) {
			kept = append(kept, n)
		}
	}
	return kept
}
