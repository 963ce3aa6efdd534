// Package servicemap makes the graph of calls between services out of spans,
// or out of what the back end has counted itself.
package servicemap

import (
	"cmp"
	"errors"
	"slices"
)

// ErrUnsupported tells that the back end cannot be asked for something that a
// map could be made of.
var ErrUnsupported = errors.New("the back end does not have this endpoint")

const (
	// maxNodes and maxEdges bound a map; the busiest are kept.
	maxNodes = 2000
	maxEdges = 10_000
)

// Call is what a back end with a dependencies endpoint counted.
type Call struct {
	Parent, Child string
	Count         float64
}

// Node is one service, or something that services call.
type Node struct {
	Service string
	// Count of spans that it served, Errors those of them that failed.
	Count, Errors float64
	// Latency of these spans.
	Latency Latency
}

// Edge is the calls from one node to another.
type Edge struct {
	Source, Target string
	// Async calls go by a queue or a link: nobody waits.
	Async bool
	// Count of calls that were seen, Errors those of them that failed.
	Count, Errors float64
	// Latency as the caller saw it, where it has a span of its own.
	Latency Latency
}

// Latency in microseconds, exact over the spans that were looked at.
type Latency struct{ P50, P95, P99 int64 }

// Map is the graph, sorted by name.
type Map struct {
	Nodes []Node
	Edges []Edge
	// Cut tells that parts were left out, because there are too many.
	Cut bool
}

// Touching keeps the edges of one service and the nodes at their ends; "" is
// all.
func (m Map) Touching(service string) Map {
	if service == "" {
		return m
	}
	near := map[string]bool{service: true}
	kept := Map{Cut: m.Cut}
	for _, e := range m.Edges {
		if e.Source == service || e.Target == service {
			kept.Edges = append(kept.Edges, e)
			near[e.Source], near[e.Target] = true, true
		}
	}
	for _, n := range m.Nodes {
		if near[n.Service] {
			kept.Nodes = append(kept.Nodes, n)
		}
	}
	return kept
}

// FromCalls makes a map of counts between services that keep allows; nil
// allows all. It knows neither errors nor latencies.
func FromCalls(calls []Call, keep func(string) bool) Map {
	edges, nodes := map[relation]*Edge{}, map[string]*Node{}
	for _, c := range calls {
		if c.Count <= 0 || keep != nil && (!keep(c.Parent) || !keep(c.Child)) {
			continue
		}
		at := relation{c.Parent, c.Child, false}
		if edges[at] == nil {
			edges[at] = &Edge{Source: c.Parent, Target: c.Child}
		}
		edges[at].Count += c.Count
		for _, service := range []string{c.Parent, c.Child} {
			if nodes[service] == nil {
				nodes[service] = &Node{Service: service}
			}
		}
		nodes[c.Child].Count += c.Count
	}
	var m Map
	for _, n := range nodes {
		m.Nodes = append(m.Nodes, *n)
	}
	for _, e := range edges {
		m.Edges = append(m.Edges, *e)
	}
	return m.bounded()
}

// relation is the key of an edge.
type relation struct {
	source, target string
	async          bool
}

// bounded drops the least busy of too many, and sorts the rest by name.
func (m Map) bounded() Map {
	if len(m.Nodes) > maxNodes || len(m.Edges) > maxEdges {
		m.Cut = true
	}
	slices.SortFunc(m.Nodes, func(a, b Node) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Service, b.Service)) })
	m.Nodes = m.Nodes[:min(len(m.Nodes), maxNodes)]
	slices.SortFunc(m.Edges, func(a, b Edge) int { return cmp.Or(cmp.Compare(b.Count, a.Count), byName(a, b)) })
	m.Edges = m.Edges[:min(len(m.Edges), maxEdges)]
	slices.SortFunc(m.Nodes, func(a, b Node) int { return cmp.Compare(a.Service, b.Service) })
	slices.SortFunc(m.Edges, byName)
	return m
}

func byName(a, b Edge) int {
	return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Target, b.Target), cmp.Compare(async(a), async(b)))
}

func async(e Edge) int {
	if e.Async {
		return 1
	}
	return 0
}
