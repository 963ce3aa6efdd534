package live

import (
	"context"
	"errors"
	"io"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// take passes on what the service sent.
func (s *session) take(it item, ok bool) error {
	if !ok || it.err != nil {
		return s.interrupted(it.err)
	}
	s.pause = firstPause
	s.dropped = it.event.GetDropped()
	var frames []frame
	for _, r := range it.event.GetRows() {
		if s.seam.fresh(r) {
			frames = append(frames, s.row(r))
		}
	}
	s.sent += uint64(len(frames))
	if text := it.event.GetError(); text != "" {
		frames = append(frames, s.made(frameError, map[string]any{"error": text, "retrying": true}))
	}
	if len(frames) == 0 {
		return nil
	}
	return s.out.send(frames)
}

// interrupted plans the next call. The end that every call has after a while is
// not worth a word to the client.
func (s *session) interrupted(err error) error {
	s.retry.Reset(s.pause)
	usual := err == nil || errors.Is(err, io.EOF) || fault.From(err).Code == fault.CodeTimeout
	s.pause = min(2*s.pause, longestPause)
	s.items = nil
	if usual {
		return nil
	}
	return s.out.send([]frame{s.failure(err, true)})
}

// failure tells a fault without what only the log may know.
func (s *session) failure(err error, retrying bool) frame {
	f := fault.From(err)
	data := map[string]any{"error": f.Message, "code": f.Code, "retrying": retrying}
	if f.Message == "" {
		data["error"] = f.Code.Entry().Title
	}
	if f.Detail != "" {
		data["detail"] = f.Detail
	}
	for name, v := range f.Extra {
		data[name] = v
	}
	return s.made(frameError, data)
}

func (s *session) made(kind string, data any) frame { return made(kind, s.hub.parts.Now(), data) }

// beat tells that the stream lives and what was lost, and looks at the
// credential again.
func (s *session) beat() error {
	ctx, err := s.caller.Verify()
	switch {
	case err == nil:
		s.calls = context.WithoutCancel(ctx)
	case !fault.From(err).Kind().Ours():
		return ended{closeCredential, "log in again"}
	}
	return s.out.send([]frame{s.made(frameHeartbeat, map[string]any{"ts": s.hub.parts.Now().UnixMilli(),
		"dropped": s.before + s.dropped, "sent": s.sent})})
}

// stats is the contract's last frame.
func (s *session) stats() frame {
	return s.made(frameStats, map[string]any{"dropped": s.before + s.dropped, "sent": s.sent, "sampleN": max(1, s.request.GetSampling())})
}

// obey changes the filter without losing the stream. A filter that is refused
// leaves the old one in force.
func (s *session) obey(c command) error {
	if c.fault != nil {
		return s.out.send([]frame{s.failure(c.fault, false)})
	}
	next := s.open(c.request)
	if err := next.verdict(s.seat.ctx); err != nil {
		next.close()
		return s.out.send([]frame{s.failure(err, false)})
	}
	s.up.close()
	s.retry.Stop()
	s.before, s.dropped = s.before+s.dropped, 0
	s.seam.cut()
	s.up, s.items, s.request, s.pause = next, next.items, c.request, firstPause
	return s.out.send([]frame{s.made(frameFilter, map[string]any{"query": c.request.GetQuery(), "sampling": max(1, c.request.GetSampling())})})
}
