package weaviate

import (
	"context"
	"time"

	"github.com/platformbuilds/mirador-core/services/schema/internal/jetstream"
)

const (
	// grace is how long a record of another replica is left to that replica.
	grace = time.Second
	// tick is how often a session looks whether all is well.
	tick = time.Second
)

// session is one time of working with Weaviate, from reading the position to
// the first failure.
//
// Heads are the only objects that change, and Weaviate cannot compare before it
// writes. So that an older one never stays over a newer one, a session writes
// in the log's order, and what others say to have projected counts only behind
// barrier: whatever was in the log when this session's last write had ended may
// have been projected by another replica before that write landed, and is
// written here as well.
type session struct {
	*projector
	born string
	// done is the newest record that is projected.
	done uint64
	// barrier is the log's end after the newest write of this session.
	barrier uint64
	// start is the log's end when the session began.
	start uint64
	// since is when a record of another replica began to wait.
	since time.Time
	saver saver
}

func (p *projector) session(ctx context.Context) error {
	log, err := readLog(ctx, p.conn)
	if err != nil {
		return err
	}
	if err := p.client.create(ctx, p.encoder.nested); err != nil {
		return err
	}
	done, err := p.client.loadPosition(ctx, log.born)
	if err != nil {
		return err
	}
	if done > log.end {
		done = 0
	}
	s := &session{projector: p, born: log.born, done: done, barrier: log.end, start: log.end, saver: saver{saved: done}}
	s.advance(ctx, done)
	for {
		if err := s.step(ctx); err != nil {
			return err
		}
	}
}

// advance tells everybody how far the projection is.
func (s *session) advance(ctx context.Context, done uint64) {
	s.done, s.since = done, time.Time{}
	s.set(func(st *status) { *st = status{projected: done, synced: done >= s.start, up: true} })
	s.epochs.announce(ctx)
}

// step does the next thing there is to do.
func (s *session) step(ctx context.Context) error {
	folded := s.fold.Folded()
	if told := min(s.hints.projected(s.born), folded); told > s.done && s.done >= s.barrier {
		s.advance(ctx, told)
	}
	if limit := s.limit(folded); limit > s.done {
		return s.project(ctx, limit)
	}
	if folded == s.done {
		if err := s.mendAll(ctx); err != nil {
			return err
		}
	}
	return s.idle(ctx, folded)
}

// limit is up to where records are to be projected now.
func (s *session) limit(folded uint64) uint64 {
	if folded <= s.done {
		return s.done
	}
	if s.since.IsZero() {
		s.since = s.now()
	} else if s.left() {
		return folded
	}
	return min(folded, max(s.barrier, s.hurried()))
}

// left tells that a record waits which its replica should have projected.
func (s *session) left() bool { return !s.since.IsZero() && s.now().Sub(s.since) >= grace }

// project writes records up to limit, or as many as make one write.
func (s *session) project(ctx context.Context, limit uint64) error {
	w, err := s.collect(ctx, limit)
	if err != nil {
		return err
	}
	if err := w.write(ctx, s.client, s.encoder); err != nil {
		s.log.Warn("definitions are not projected", "sequence", w.last, "error", err)
		return err
	}
	s.advance(ctx, w.last)
	jetstream.Tell(s.conn, hint(s.born, s.done))
	return s.look(ctx)
}

// look takes the log's end as the new barrier.
func (s *session) look(ctx context.Context) error {
	log, err := readLog(ctx, s.conn)
	if err != nil {
		return err
	}
	if log.born != s.born || log.end < s.done {
		return errAnew
	}
	s.barrier = max(s.barrier, log.end)
	return nil
}

// idle waits until there may be something to do, and looks around in between.
func (s *session) idle(ctx context.Context, folded uint64) error {
	t := time.NewTimer(tick)
	defer t.Stop()
	select {
	case <-s.fold.Until(folded + 1):
		return nil
	case <-s.wake:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
	}
	if err := s.client.check(ctx); err != nil {
		return err
	}
	log, err := readLog(ctx, s.conn)
	if err != nil {
		return err
	}
	if log.born != s.born || log.end < s.done {
		return errAnew
	}
	return s.save(ctx)
}

func (s *session) save(ctx context.Context) error {
	s.epochs.announce(ctx)
	if sequence, ok := s.saver.due(s.now(), s.done); ok {
		return s.client.savePosition(ctx, s.born, sequence)
	}
	return nil
}
