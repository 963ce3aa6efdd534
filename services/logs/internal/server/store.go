package server

import (
	"context"
	"fmt"
	"strconv"

	"github.com/platformbuilds/mirador-core/libs/fault"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
	"github.com/platformbuilds/mirador-core/services/logs/internal/ingest"
	"github.com/platformbuilds/mirador-core/services/logs/internal/victorialogs"
)

const (
	// maxListed bounds the refused events in an answer.
	maxListed = 1000
	// maxFaults bounds those in a fault, which travels in a header.
	maxFaults = 50
)

var storeTexts = texts{bad: "Invalid JSON event format", failed: "Failed to store event"}

// Store implements logsv1.LogsServiceServer.
func (s *Server) Store(ctx context.Context, in *logsv1.StoreRequest) (*logsv1.StoreResponse, error) {
	c, err := s.begin(ctx, storeTexts, "")
	if err != nil {
		return nil, err
	}
	defer c.end()
	b := ingest.Prepare(in.GetBody(), in.GetContentType(), ingest.Stamp{Tenant: c.id.Tenant, Time: c.began})
	if b.Accepted == 0 {
		return nil, c.nothing(b.Refused)
	}
	r := victorialogs.InsertRequest{Body: b.Body, StreamFields: ingest.StreamFields()}
	if err := s.Backend.Insert(c.ctx, r); err != nil {
		return nil, c.unstored(err)
	}
	return &logsv1.StoreResponse{Status: "success", Data: &logsv1.Stored{
		Stored: true, Timestamp: stamp(c.began), TenantId: c.id.Tenant,
		Accepted: int32(b.Accepted), Refused: refused(b.Refused),
	}}, nil
}

// nothing is the fault of a body without an event to keep.
func (c *call) nothing(list []ingest.Refusal) error {
	f := fault.New(fault.CodeInvalidRequest, c.bad)
	if len(list) == 0 {
		return f.WithDetail("the body is empty: it must be a JSON object, an array of them, or one on each line")
	}
	f = f.WithDetail("none of %d events can be kept; the first: %s", len(list), list[0].Reason)
	for _, r := range list[:min(len(list), maxFaults)] {
		f = f.WithField("/"+strconv.Itoa(r.Line-1), "%s", r.Reason)
	}
	return f
}

// unstored is the fault of an insert that failed on the way: nobody knows how
// far it came, and it is not tried again, since that could double events.
func (c *call) unstored(err error) error {
	f := fault.From(c.failure(err))
	if f.Code == fault.CodeTimeout || f.Code == fault.CodeBackendFailed {
		return f.WithDetail("it is not known whether the events were stored")
	}
	return f
}

func refused(list []ingest.Refusal) []*logsv1.RefusedEvent {
	out := make([]*logsv1.RefusedEvent, 0, min(len(list), maxListed+1))
	for i, r := range list {
		if i == maxListed {
			return append(out, &logsv1.RefusedEvent{Line: int32(r.Line), Reason: fmt.Sprintf("and %d more events", len(list)-i)})
		}
		out = append(out, &logsv1.RefusedEvent{Line: int32(r.Line), Reason: r.Reason})
	}
	return out
}
