package servicemap

import (
	"slices"

	"github.com/platformbuilds/mirador-core/services/traces/internal/trace"
)

// serves tells spans in which a service does what others asked it for.
func serves(k trace.Kind) bool { return k == trace.KindServer || k == trace.KindConsumer }

// entering tells services with spans that serve.
func entering(spans []trace.Span) map[string]bool {
	found := map[string]bool{}
	for i := range spans {
		if serves(spans[i].Kind) {
			found[spans[i].Service] = true
		}
	}
	return found
}

// serve counts a span for its service: those that serve, and of services that
// have none of these the spans whose parent is elsewhere.
func (j *joiner) serve(i int) {
	s := &j.spans[i]
	node := j.node(s.Service)
	enters := serves(s.Kind)
	if !j.entered[s.Service] {
		p, known := j.find(j.traces[i], s.Parent)
		enters = !known || j.spans[p].Service != s.Service
	}
	if enters {
		node.add(s.Duration, s.Error)
	}
}

func (j *joiner) result() Map {
	var m Map
	for service, t := range j.nodes {
		m.Nodes = append(m.Nodes, Node{Service: service, Count: float64(t.count), Errors: float64(t.errors), Latency: latency(t.durations)})
	}
	for at, t := range j.edges {
		m.Edges = append(m.Edges, Edge{Source: at.source, Target: at.target, Async: at.async,
			Count: float64(t.count), Errors: float64(t.errors), Latency: latency(t.durations)})
	}
	m.calledOnly()
	return m
}

// calledOnly gives nodes without spans, such as databases, what their callers
// saw; the latency is that of the busiest caller.
func (m *Map) calledOnly() {
	called, busiest := map[string]Node{}, map[string]float64{}
	for _, e := range m.Edges {
		sum := called[e.Target]
		sum.Count, sum.Errors = sum.Count+e.Count, sum.Errors+e.Errors
		if e.Count > busiest[e.Target] {
			busiest[e.Target], sum.Latency = e.Count, e.Latency
		}
		called[e.Target] = sum
	}
	for i := range m.Nodes {
		if n := &m.Nodes[i]; n.Count == 0 {
			sum := called[n.Service]
			n.Count, n.Errors, n.Latency = sum.Count, sum.Errors, sum.Latency
		}
	}
}

// latency by the nearest rank: the smallest duration that so many are not
// above. It sorts the durations.
func latency(durations []int64) Latency {
	if len(durations) == 0 {
		return Latency{}
	}
	slices.Sort(durations)
	rank := func(percent int) int64 { return durations[(len(durations)*percent+99)/100-1] }
	return Latency{rank(50), rank(95), rank(99)}
}
