// Package trace is what a trace is: spans, read from Jaeger's JSON in bounded
// memory, and the tree that they form once doubles, cycles, lost parents and
// wrong clocks are dealt with. Nothing here recurses: a chain of a hundred
// thousand spans is as good as any other trace.
package trace

// Kind of a span, as OpenTelemetry has it.
type Kind uint8

// The kinds of spans.
const (
	KindUnset Kind = iota
	KindInternal
	KindServer
	KindClient
	KindProducer
	KindConsumer
)

// ParseKind reads a kind as the tag span.kind has it; anything unknown is
// KindUnset.
func ParseKind(text string) Kind {
	switch text {
	case "internal":
		return KindInternal
	case "server":
		return KindServer
	case "client":
		return KindClient
	case "producer":
		return KindProducer
	case "consumer":
		return KindConsumer
	}
	return KindUnset
}

// Link names a span of any trace that led to a span.
type Link struct{ TraceID, SpanID string }

// Span is one span; times are microseconds, Start since 1970.
type Span struct {
	// ID of the span and of its parent within the trace; no parent is "".
	ID, Parent string
	// Service and Operation name what was done.
	Service, Operation string
	// Start and Duration are never negative.
	Start, Duration int64
	// Kind of the span.
	Kind Kind
	// Error tells that the span failed.
	Error bool
	// Peer is what the span's attributes call the other side: a service, a
	// database or a queue; PeerAsync tells a queue.
	Peer      string
	PeerAsync bool
	// Links to spans that are no parents.
	Links []Link
}

// End of the span.
func (s *Span) End() int64 { return s.Start + s.Duration }

// Name is "<service>.<operation>".
func (s *Span) Name() string { return s.Service + "." + s.Operation }

// Trace is one trace as the back end told it.
type Trace struct {
	// ID of the trace.
	ID string
	// Spans in the back end's order, doubles included.
	Spans []Span
	// Left counts spans beyond the limit, which were left out.
	Left int
}
