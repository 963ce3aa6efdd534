package server

import (
	"context"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	tracesv1 "github.com/platformbuilds/mirador-core/proto/gen/traces/v1"
	"github.com/platformbuilds/mirador-core/services/traces/internal/compare"
	"github.com/platformbuilds/mirador-core/services/traces/internal/servicemap"
	"github.com/platformbuilds/mirador-core/services/traces/internal/trace"
)

const success = "success"

func named(service string) error {
	if strings.TrimSpace(service) != "" {
		return nil
	}
	return fault.New(fault.CodeInvalidRequest, "Service name is required").WithField("service", "is required")
}

// CriticalPath implements tracesv1.TracesServiceServer.
func (s *Server) CriticalPath(ctx context.Context, in *tracesv1.TraceRequest) (*tracesv1.CriticalPathResponse, error) {
	p, err := s.read.CriticalPath(ctx, in.GetTraceId())
	if err != nil {
		return nil, err
	}
	out := &tracesv1.CriticalPath{TraceId: p.TraceID, DurationUs: float64(p.Duration)}
	for _, segment := range p.Segments {
		m := &tracesv1.PathSegment{StartUs: float64(segment.Start), DurationUs: float64(segment.Duration)}
		if segment.Span != trace.None {
			span := &p.Tree.Spans[segment.Span]
			m.SpanId, m.Service, m.Operation, m.Error = valid(span.ID), valid(span.Service), valid(span.Operation), span.Error
		}
		out.Segments = append(out.Segments, m)
	}
	for _, share := range p.Shares {
		out.Services = append(out.Services, &tracesv1.PathShare{Service: valid(share.Service),
			DurationUs: float64(share.Micros), Share: ratio(float64(share.Micros), float64(p.Duration))})
	}
	return &tracesv1.CriticalPathResponse{Status: success, Data: out}, nil
}

// Compare implements tracesv1.TracesServiceServer.
func (s *Server) Compare(ctx context.Context, in *tracesv1.CompareRequest) (*tracesv1.CompareResponse, error) {
	found, err := s.read.Compare(ctx, in.GetTraceId(), in.GetOther())
	if err != nil {
		return nil, err
	}
	out := &tracesv1.Comparison{Trace: summary(found.TraceID, found.Trace), Other: summary(found.OtherID, found.Other)}
	for _, o := range found.Operations {
		out.Operations = append(out.Operations, &tracesv1.OperationChange{
			Service: valid(o.Service), Operation: valid(o.Name), Kind: string(o.Kind),
			Spans: int32(o.Here.Spans), OtherSpans: int32(o.There.Spans),
			SelfUs: float64(o.Here.Self), OtherSelfUs: float64(o.There.Self),
			DurationUs: float64(o.Here.Duration), OtherDurationUs: float64(o.There.Duration),
			Errors: int32(o.Here.Errors), OtherErrors: int32(o.There.Errors)})
	}
	return &tracesv1.CompareResponse{Status: success, Data: out}, nil
}

func summary(id string, s compare.Summary) *tracesv1.TraceSummary {
	return &tracesv1.TraceSummary{TraceId: id, DurationUs: float64(s.Duration),
		Spans: int32(s.Spans), Errors: int32(s.Errors), Services: int32(s.Services)}
}

// ServiceMap implements tracesv1.TracesServiceServer.
func (s *Server) ServiceMap(ctx context.Context, in *tracesv1.ServiceMapRequest) (*tracesv1.ServiceMapResponse, error) {
	g, err := s.read.ServiceMap(ctx, in.GetStart(), in.GetEnd(), in.GetService(), body)
	if err != nil {
		return nil, err
	}
	out := &tracesv1.ServiceMap{Source: g.Source, Note: g.Note, Traces: float64(g.Traces), Sampled: g.Sampled || g.Cut,
		Start: g.Start.UTC().Format(time.RFC3339Nano), End: g.End.UTC().Format(time.RFC3339Nano)}
	seconds := g.End.Sub(g.Start).Seconds()
	for _, n := range g.Nodes {
		m := &tracesv1.ServiceNode{Service: valid(n.Service), Rate: ratio(n.Count, seconds), ErrorRate: ratio(n.Errors, n.Count)}
		m.P50Ms, m.P95Ms, m.P99Ms = millis(n.Latency)
		out.Nodes = append(out.Nodes, m)
	}
	for _, e := range g.Edges {
		m := &tracesv1.ServiceEdge{Source: valid(e.Source), Target: valid(e.Target), Async: e.Async,
			Calls: e.Count, Rate: ratio(e.Count, seconds), ErrorRate: ratio(e.Errors, e.Count)}
		m.P50Ms, m.P95Ms, m.P99Ms = millis(e.Latency)
		out.Edges = append(out.Edges, m)
	}
	return &tracesv1.ServiceMapResponse{Status: success, Data: out}, nil
}

func millis(l servicemap.Latency) (p50, p95, p99 float64) {
	return float64(l.P50) / 1000, float64(l.P95) / 1000, float64(l.P99) / 1000
}

func ratio(part, whole float64) float64 {
	if whole <= 0 {
		return 0
	}
	return part / whole
}

// valid makes text fit for a message, which takes UTF-8 only.
func valid(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }
