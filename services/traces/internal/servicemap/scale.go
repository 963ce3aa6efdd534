package servicemap

import "github.com/platformbuilds/mirador-core/services/traces/internal/trace"

// Count is how many spans of a kind a service has in the whole window.
type Count struct {
	Service string
	Kind    trace.Kind
	Error   bool
	Spans   float64
}

// Total of the counts.
func Total(counts []Count) float64 {
	var total float64
	for _, c := range counts {
		total += c.Spans
	}
	return total
}

// Scaled makes the map of a part of the spans that of all of them: counts grow
// by factor, and where counts of the whole window are known, nodes get these.
func (m Map) Scaled(factor float64, counts []Count) Map {
	for i := range m.Edges {
		m.Edges[i].Count *= factor
		m.Edges[i].Errors *= factor
	}
	for i := range m.Nodes {
		m.Nodes[i].Count *= factor
		m.Nodes[i].Errors *= factor
	}
	return m.counted(counts)
}

func (m Map) counted(counts []Count) Map {
	spans, failed := map[string]float64{}, map[string]float64{}
	for _, c := range counts {
		if serves(c.Kind) {
			spans[c.Service] += c.Spans
			if c.Error {
				failed[c.Service] += c.Spans
			}
		}
	}
	for i := range m.Nodes {
		if n := &m.Nodes[i]; spans[n.Service] > 0 {
			n.Count, n.Errors = spans[n.Service], failed[n.Service]
		}
	}
	return m
}
