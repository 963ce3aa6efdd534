package servicemap

import "github.com/platformbuilds/mirador-core/services/traces/internal/trace"

// spanKey names a span among all traces.
type spanKey struct{ trace, span string }

// tally gathers what becomes a node or an edge.
type tally struct {
	count, errors int
	durations     []int64
}

func (t *tally) add(micros int64, failed bool) {
	t.count++
	if failed {
		t.errors++
	}
	t.durations = append(t.durations, micros)
}

// Builder joins spans into a map. It keeps all of them: bound what is added.
type Builder struct {
	spans  []trace.Span
	traces []string
	index  map[spanKey]int
	seen   map[string]struct{}
}

// NewBuilder returns an empty builder.
func NewBuilder() *Builder {
	return &Builder{index: map[spanKey]int{}, seen: map[string]struct{}{}}
}

// Add takes one span of a trace; doubles are dropped, and spans of no service.
func (b *Builder) Add(traceID string, s trace.Span) {
	if s.Service == "" {
		return
	}
	key := spanKey{traceID, s.ID}
	if known, double := b.index[key]; double && b.spans[known].Service == s.Service && b.spans[known].Kind == s.Kind {
		return
	}
	// A server that shares its caller's id must not hide it from the join.
	if _, taken := b.index[key]; !taken {
		b.index[key] = len(b.spans)
	}
	b.spans, b.traces = append(b.spans, s), append(b.traces, traceID)
	b.seen[traceID] = struct{}{}
}

// Spans that were added, without doubles, and the traces that they are of.
func (b *Builder) Spans() int { return len(b.spans) }

// Traces that the spans are of.
func (b *Builder) Traces() int { return len(b.seen) }

// Map of the spans. Every span whose parent, or else whose link, is of another
// service is one call; so is every span that names a peer, called or sent to,
// and has no child elsewhere.
func (b *Builder) Map() Map {
	j := joiner{Builder: b, edges: map[relation]*tally{}, nodes: map[string]*tally{},
		called: make([]bool, len(b.spans)), entered: entering(b.spans)}
	for i := range b.spans {
		j.join(i)
	}
	for i := range b.spans {
		j.peer(i)
		j.serve(i)
	}
	return j.result().bounded()
}

// joiner makes the calls of the spans.
type joiner struct {
	*Builder
	edges map[relation]*tally
	nodes map[string]*tally
	// called tells spans with a child in another service.
	called []bool
	// entered tells services with spans that serve.
	entered map[string]bool
}

func (j *joiner) edge(at relation, micros int64, failed bool) {
	if j.edges[at] == nil {
		j.edges[at] = &tally{}
	}
	j.edges[at].add(micros, failed)
}

func (j *joiner) node(service string) *tally {
	if j.nodes[service] == nil {
		j.nodes[service] = &tally{}
	}
	return j.nodes[service]
}

// join finds who called the span.
func (j *joiner) join(i int) {
	s := &j.spans[i]
	if p, ok := j.find(j.traces[i], s.Parent); ok && j.spans[p].Service != s.Service {
		j.called[p] = true
		j.call(&j.spans[p], s)
		return
	}
	for _, link := range s.Links {
		if p, ok := j.find(link.TraceID, link.SpanID); ok && j.spans[p].Service != s.Service && s.Kind == trace.KindConsumer {
			j.called[p] = true
			j.edge(relation{j.spans[p].Service, s.Service, true}, s.Duration, s.Error)
		}
	}
}

func (j *joiner) find(traceID, span string) (int, bool) {
	if span == "" {
		return 0, false
	}
	i, ok := j.index[spanKey{traceID, span}]
	return i, ok
}

// call is timed by the caller's span where that is the call and nothing else.
func (j *joiner) call(parent, s *trace.Span) {
	at := relation{parent.Service, s.Service, s.Kind == trace.KindConsumer || parent.Kind == trace.KindProducer}
	micros, failed := s.Duration, s.Error
	if parent.Kind == trace.KindClient && !at.async {
		micros, failed = parent.Duration, failed || parent.Error
	}
	j.edge(at, micros, failed)
}

// peer is the other side of a span that nobody else has a span of.
func (j *joiner) peer(i int) {
	s := &j.spans[i]
	if s.Peer == "" || s.Peer == s.Service || j.called[i] || s.Kind == trace.KindServer || s.Kind == trace.KindConsumer {
		return
	}
	j.edge(relation{s.Service, s.Peer, s.PeerAsync || s.Kind == trace.KindProducer}, s.Duration, s.Error)
	j.node(s.Peer)
}
