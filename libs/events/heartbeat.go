package events

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// session is one uninterrupted watch of one incarnation of the bucket.
type session struct {
	stream  jetstream.Stream
	created time.Time
	// floor is the stream's last sequence before the watch began: the first
	// full reading includes it even when that entry itself has expired.
	floor  uint64
	beats  *time.Ticker
	status <-chan nats.Status
	// target is the newest sequence that the server named at asked; the view
	// is confirmed as of asked once it holds it.
	target uint64
	asked  time.Time
	// seen is the view's revision at the last heartbeat that found it behind.
	seen uint64
}

// beat asks the server for its newest sequence.
func (v *View[K, V]) beat(ctx context.Context, s *session) error {
	asked := v.cfg.Now()
	ctx, cancel := v.conn.deadline(ctx)
	defer cancel()
	info, err := s.stream.Info(ctx)
	if err != nil {
		return fmt.Errorf("ask for bucket's state: %w", err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if !info.Created.Equal(s.created) || info.State.LastSeq < v.revision {
		return errReplaced
	}
	s.target, s.asked = info.State.LastSeq, asked
	v.confirm(s)
	if err := v.behind(s); err != nil {
		return err
	}
	return v.sweep()
}

// confirm notes that the view was complete when the server was last asked, if
// it now holds what the server knew then. The lock must be held.
func (v *View[K, V]) confirm(s *session) {
	if v.caughtUp && v.revision >= s.target && s.asked.After(v.confirmed) {
		v.confirmed = s.asked
	}
}

// behind allows one heartbeat without progress: updates may be on their way.
// The lock must be held.
func (v *View[K, V]) behind(s *session) error {
	if v.caughtUp && v.revision >= s.target {
		s.seen = 0
		return nil
	}
	if s.seen == v.revision+1 {
		return errBehind
	}
	s.seen = v.revision + 1
	return nil
}

// sweep forgets what outlived the bucket; once there is room again, what did
// not fit must be read. The lock must be held.
func (v *View[K, V]) sweep() error {
	if v.cfg.Bucket.Keep > 0 {
		for key, e := range v.current {
			if v.expired(e) {
				delete(v.current, key)
			}
		}
	}
	v.conn.metrics.entries.WithLabelValues(v.cfg.Bucket.Name).Set(float64(len(v.current)))
	if v.overflow && v.caughtUp && len(v.current) < v.cfg.MaxEntries {
		return errBehind
	}
	return nil
}
