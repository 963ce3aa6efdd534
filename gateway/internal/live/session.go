package live

import (
	"context"
	"errors"
	"io"
	"time"

	"google.golang.org/protobuf/proto"

	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
)

// sink carries frames to a client. Both methods fail when the client is gone
// or too slow.
type sink interface {
	// send writes frames together.
	send(frames []frame) error
	// ping asks whether the client is still there, where that is possible.
	ping() error
}

// errSlow says that a client did not take what was sent in time.
var errSlow = errors.New("the client is too slow")

// session is the tail of one client.
type session struct {
	hub     *Hub
	seat    *seat
	caller  Caller
	calls   context.Context //nolint:containedctx // identity and trace of calls; Verify renews it
	request *logsv1.TailRequest
	out     sink
	// commands of the client; nil when it cannot send any.
	commands chan command

	// up is the call in force, items what it brings; nil between two calls.
	up    *upstream
	items <-chan item
	seam  *seam
	retry *time.Timer
	pause time.Duration

	sent, dropped, before uint64
	// marked gives rows an id.
	marked bool
}

// command is a message of the client: a new filter, or a fault to tell.
type command struct {
	request *logsv1.TailRequest
	fault   error
}

const (
	firstPause   = 500 * time.Millisecond
	longestPause = 10 * time.Second
)

// start takes a seat and makes the first call, so that a query that is refused
// is refused before the stream begins.
func (h *Hub) start(ctx context.Context, kind string, c Caller, r *logsv1.TailRequest, from Place) (*session, error) {
	place, err := h.join(ctx, kind, owner{c.Tenant, c.User})
	if err != nil {
		return nil, err
	}
	s := &session{hub: h, seat: place, caller: c, calls: context.WithoutCancel(ctx), request: r, seam: newSeam(from), pause: firstPause,
		retry: stopped()}
	s.call(r)
	if err := s.up.verdict(ctx); err != nil {
		s.up.close()
		place.leave()
		return nil, err
	}
	return s, nil
}

func stopped() *time.Timer {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return t
}

// call begins a call where the last one has come to.
func (s *session) call(r *logsv1.TailRequest) {
	s.seam.cut()
	s.up = s.open(r)
	s.items = s.up.items
}

func (s *session) open(r *logsv1.TailRequest) *upstream {
	in, _ := proto.Clone(r).(*logsv1.TailRequest)
	in.Since = s.seam.Time.UTC().Format(time.RFC3339Nano)
	return s.hub.open(s.calls, s.seat.ctx, in)
}

// run serves the client until it leaves or must go. It returns why.
func (s *session) run() ending {
	defer func() { s.up.close() }()
	defer s.retry.Stop()
	beat := time.NewTicker(s.hub.parts.Heartbeat)
	defer beat.Stop()
	ping := time.NewTicker(s.hub.cfg.PingInterval)
	defer ping.Stop()
	for {
		err := s.step(beat.C, ping.C)
		var end ended
		switch {
		case err == nil:
			continue
		case errors.As(err, &end):
			return ending(end)
		case errors.Is(err, errSlow):
			return ending{closeTryAgain, "too slow, come back later"}
		}
		return ending{}
	}
}

// ended is an ending on its way up.
type ended ending

// Error implements error.
func (e ended) Error() string { return e.reason }

// step waits for the next thing to happen and does what it asks for.
func (s *session) step(beat, ping <-chan time.Time) error {
	select {
	case <-s.seat.ctx.Done():
		return io.EOF
	case e := <-s.seat.ended:
		return ended(e)
	case it, ok := <-s.items:
		return s.take(it, ok)
	case c := <-s.commands:
		return s.obey(c)
	case <-s.retry.C:
		s.up.close()
		s.before, s.dropped = s.before+s.dropped, 0
		s.call(s.request)
		return nil
	case <-ping:
		return s.out.ping()
	case <-beat:
		return s.beat()
	}
}

// row is the frame of a row that was just found fresh.
func (s *session) row(r *logsv1.TailRow) frame {
	f := frame{kind: frameRow, data: r.GetJson(), at: r.GetTime()}
	if s.marked {
		f.id = s.seam.String()
	}
	return f
}
