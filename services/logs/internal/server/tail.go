package server

import (
	"context"
	"time"

	"google.golang.org/grpc"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/timeparam"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
	"github.com/platformbuilds/mirador-core/services/logs/internal/tail"
	"github.com/platformbuilds/mirador-core/services/logs/internal/victorialogs"
)

const (
	// tailOffset is how long the back end waits for late rows, tailRefresh how
	// often it looks.
	tailOffset  = time.Second
	tailRefresh = time.Second
)

var tailTexts = texts{bad: "Invalid tail request", failed: "Log tail failed"}

// Tail implements logsv1.LogsServiceServer. The first event comes at once and
// tells that the query was accepted; a query that was not is a status.
func (s *Server) Tail(in *logsv1.TailRequest, to grpc.ServerStreamingServer[logsv1.TailEvent]) error {
	id, err := identity.Require(to.Context())
	if err != nil {
		return err
	}
	c := &call{texts: tailTexts, ctx: to.Context(), id: id, began: s.Now(), server: s}
	r, err := c.tail(in)
	if err != nil {
		return err
	}
	leave, err := s.tails.Enter(c.failed, id.Tenant, s.Limits.Tails)
	if err != nil {
		return err
	}
	defer leave()
	ctx, cancel := context.WithCancel(c.ctx)
	defer cancel()
	defer context.AfterFunc(s.Draining, cancel)()
	err = c.failure(tail.Run(ctx, follower{s.Backend, in.GetQuery()}, r, tail.DefaultOptions(), func(e tail.Event) error {
		return to.Send(tailEvent(e))
	}))
	if s.Draining.Err() != nil {
		return fault.New(fault.CodeUnavailable, "Service unavailable").WithDetail("this replica is being stopped")
	}
	return err
}

// tail reads the request.
func (c *call) tail(in *logsv1.TailRequest) (tail.Request, error) {
	r := tail.Request{Sampling: int(in.GetSampling())}
	checked, err := c.check(in.GetQuery())
	if err != nil {
		return r, err
	}
	if p, ok := checked.RowByRow(); !ok {
		return r, fault.Newf(fault.CodeQueryInvalid, "%srows are shown as they arrive: the pipe %q is not possible", invalidQuery, p.Name).
			WithField("query", "the pipe %q needs all rows", p.Name)
	}
	r.Query = checked.Text
	if r.Sampling < 0 {
		return r, fault.New(fault.CodeInvalidRequest, c.bad).WithField("sampling", "must not be negative")
	}
	if in.GetSince() != "" {
		if r.Since, err = timeparam.Time("since", in.GetSince(), c.began); err != nil {
			return r, rename(err, c.bad)
		}
		if longest := c.server.Limits.Range; c.began.Sub(r.Since) > longest {
			return r, fault.New(fault.CodeQueryTooExpensive, c.bad).WithField("since", "is more than %s ago", longest)
		}
	}
	return r, nil
}

// follower is the back end as a tail needs it.
type follower struct {
	client *victorialogs.Client
	// asked is the query as the caller wrote it.
	asked string
}

// Replay implements tail.Source.
func (f follower) Replay(ctx context.Context, query string, from, to time.Time, limit int) (tail.Rows, error) {
	return f.client.Query(ctx, victorialogs.Query{Text: query, Asked: f.asked, Start: from, End: to, Limit: limit})
}

// Follow implements tail.Source.
func (f follower) Follow(ctx context.Context, query string, past time.Duration) (tail.Rows, error) {
	return f.client.Tail(ctx, victorialogs.TailQuery{Text: query, Asked: f.asked,
		StartOffset: max(past, time.Millisecond), Offset: tailOffset, Refresh: tailRefresh})
}

func tailEvent(e tail.Event) *logsv1.TailEvent {
	out := &logsv1.TailEvent{Dropped: e.Dropped, Sent: e.Sent, Error: e.Error, Rows: make([]*logsv1.TailRow, len(e.Rows))}
	for i, r := range e.Rows {
		out.Rows[i] = &logsv1.TailRow{Json: r.JSON}
		if !r.Time.IsZero() {
			out.Rows[i].Time = stamp(r.Time)
		}
	}
	return out
}
