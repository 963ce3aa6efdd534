package reading

import (
	"github.com/platformbuilds/mirador-core/services/traces/internal/criteria"
	"github.com/platformbuilds/mirador-core/services/traces/internal/servicemap"
	"github.com/platformbuilds/mirador-core/services/traces/internal/trace"
)

// mapTraces is how many traces of each service a map is made of when the back
// end can do no more than search.
const mapTraces = 20

// fromTraces makes the map of the newest traces of every service. What they
// are a part of is not known, so nothing is scaled up.
func (s *Service) fromTraces(c *call, w criteria.Window) (Graph, error) {
	services, err := s.visible(c)
	if err != nil {
		return Graph{}, err
	}
	b := servicemap.NewBuilder()
	g := Graph{Source: "spans", Sampled: len(services) > maxServices,
		Note: "made of the newest traces of each service, since the back end can only search; rates are at least what is shown"}
	for _, service := range services[:min(len(services), maxServices)] {
		full, err := s.addTraces(c, b, criteria.Criteria{Service: service, Window: w, Limit: mapTraces})
		if err != nil {
			return Graph{}, err
		}
		g.Sampled = g.Sampled || full
	}
	g.Map, g.Traces = b.Map(), b.Traces()
	return g, nil
}

// addTraces tells whether there may be more of them.
func (s *Service) addTraces(c *call, b *servicemap.Builder, w criteria.Criteria) (full bool, err error) {
	body, err := s.found(c, w)
	if err != nil || body == nil {
		return false, err
	}
	defer body.Close()
	count := 0
	err = trace.Read(body, trace.Limits{MaxSpans: s.Limits.MaxSpans, Keep: c.scope.Keep()}, func(t *trace.Trace) error {
		count++
		for _, span := range t.Spans {
			if b.Spans() < maxMapSpans {
				b.Add(t.ID, span)
			}
		}
		return nil
	})
	return count >= w.Limit, err
}
