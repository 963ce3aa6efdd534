package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"

	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
)

// Events returns a tail as server-sent events (the body of an answer of the
// type text/event-stream). Closing it ends the tail; its Read must not be
// called by two goroutines.
func (h *Hub) Events(ctx context.Context, c Caller, r *logsv1.TailRequest, from Place) (io.ReadCloser, error) {
	s, err := h.start(ctx, "logs", c, r, from)
	if err != nil {
		return nil, err
	}
	s.seat.begin()
	s.marked = true
	out, in := io.Pipe()
	x := &events{pipe: in, tenant: c.Tenant}
	s.out = x
	b := &body{PipeReader: out, done: make(chan struct{}), cancel: s.seat.cancel}
	go func() {
		defer close(b.done)
		h.tell(x, s)
	}()
	return b, nil
}

// tell runs the session and ends the body.
func (h *Hub) tell(x *events, s *session) {
	defer s.seat.leave()
	defer func() {
		if p := recover(); p != nil {
			h.parts.Log.Error("panic in a live stream", slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
			_ = x.pipe.CloseWithError(fmt.Errorf("panic: %v", p))
		}
	}()
	// The head leaves with the first bytes.
	_, _ = x.pipe.Write([]byte("retry: 2000\n\n"))
	e := s.run()
	frames := []frame{s.stats()}
	if e.code == closeCredential {
		frames = append(frames, s.made(frameError, map[string]any{"error": e.reason, "code": e.code, "retrying": false}))
	}
	if e.code != 0 {
		_ = x.send(frames)
	}
	_ = x.pipe.Close()
}

// events is a body of server-sent events.
type events struct {
	pipe   *io.PipeWriter
	tenant string
	buf    []byte
}

// send implements sink.
func (x *events) send(frames []frame) error {
	x.buf = x.buf[:0]
	for _, f := range frames {
		x.buf = f.appendEvent(x.buf, x.tenant)
	}
	if _, err := x.pipe.Write(x.buf); err != nil {
		return fmt.Errorf("write events: %w", err)
	}
	return nil
}

// ping implements sink: heartbeats are enough.
func (*events) ping() error { return nil }

// body is what the web server reads.
type body struct {
	*io.PipeReader
	done   chan struct{}
	cancel context.CancelFunc
}

// errLeft says that nobody reads any more.
var errLeft = errors.New("the client left")

// Close ends the session and waits for it.
func (b *body) Close() error {
	b.cancel()
	_ = b.CloseWithError(errLeft)
	<-b.done
	return nil
}
