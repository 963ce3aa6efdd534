package server

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/timeparam"
	schemav1 "github.com/platformbuilds/mirador-core/proto/gen/schema/v1"
	"github.com/platformbuilds/mirador-core/services/schema/internal/drift"
)

const (
	// seenFor is the window of what was seen when none is given.
	seenFor = 24 * time.Hour
	// defaultDrift and maxDrift bound the entries of each list.
	defaultDrift = 100
	maxDrift     = 1000
)

// GetDrift compares what is defined with what the back ends have seen.
func (s *Server) GetDrift(ctx context.Context, req *schemav1.GetDriftRequest) (*schemav1.GetDriftResponse, error) {
	w, err := window(req, s.now())
	if err != nil {
		return nil, err
	}
	limit := int(req.GetLimit())
	if limit == 0 {
		limit = defaultDrift
	}
	if limit > maxDrift {
		return nil, fault.New(fault.CodeInvalidRequest, "invalid drift request").
			WithField("limit", "must be between 1 and %d", maxDrift)
	}
	r, err := s.drift.Report(ctx, w, limit)
	if err != nil {
		return nil, err
	}
	return encodeReport(r), nil
}

func window(req *schemav1.GetDriftRequest, now time.Time) (w drift.Window, err error) {
	w.End = now
	if req.GetEnd() != "" {
		if w.End, err = timeparam.Time("end", req.GetEnd(), now); err != nil {
			return w, err
		}
	}
	w.Start = w.End.Add(-seenFor)
	if req.GetStart() != "" {
		if w.Start, err = timeparam.Time("start", req.GetStart(), now); err != nil {
			return w, err
		}
	}
	if w.Start.After(w.End) {
		return w, fault.New(fault.CodeInvalidTime, "invalid drift request").WithField("start", "must not be after end")
	}
	return w, nil
}

func encodeReport(r drift.Report) *schemav1.GetDriftResponse {
	out := &schemav1.GetDriftResponse{Metrics: encodePart(r.Metrics), Labels: encodePart(r.Labels),
		LogFields: encodePart(r.LogFields), Services: encodePart(r.Services), Operations: encodePart(r.Operations)}
	for _, o := range r.Outside {
		out.OutsideAllowed = append(out.OutsideAllowed, &schemav1.OutsideAllowed{Metric: o.Metric, Label: o.Label, Values: o.Values})
	}
	return out
}

func encodePart(p drift.Part) *schemav1.DriftPart {
	out := &schemav1.DriftPart{SeenUndefined: p.SeenUndefined, DefinedUnseen: p.DefinedUnseen,
		Seen: float64(p.Seen), Defined: float64(p.Defined), Coverage: p.Coverage, Partial: set(p.Partial)}
	if p.Unreadable != "" {
		out.Unreadable = proto.String(p.Unreadable)
	}
	return out
}
