package events

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Waits between two attempts to follow the bucket.
const (
	firstRetry = 100 * time.Millisecond
	lastRetry  = 2 * time.Second
)

var (
	errBehind    = errors.New("watch fell behind")
	errReplaced  = errors.New("bucket was replaced")
	errReconnect = errors.New("connection was renewed")
	errWatchEnd  = errors.New("watch ended")
)

// Run keeps the view current until ctx ends. It survives restarts of the
// server and the bucket being deleted and created again; meanwhile the last
// known values stay.
func (v *View[K, V]) Run(ctx context.Context) error {
	status := v.conn.nats.StatusChanged(nats.CONNECTED)
	defer v.conn.nats.RemoveStatusListener(status)
	wait := firstRetry
	for ctx.Err() == nil {
		followed, err := v.follow(ctx, status)
		if ctx.Err() != nil {
			break
		}
		v.lost(followed, err)
		if followed {
			wait = firstRetry
		}
		pause(ctx, status, wait/2+rand.N(wait))
		wait = min(2*wait, lastRetry)
	}
	return nil
}

// lost reports the end of a watch; attempts that never got anywhere are not
// worth a line each.
func (v *View[K, V]) lost(followed bool, err error) {
	v.conn.metrics.resyncs.WithLabelValues(v.cfg.Bucket.Name).Inc()
	level := slog.LevelDebug
	if followed {
		level = slog.LevelWarn
	}
	v.conn.log.Log(context.Background(), level, "bucket is read anew", "bucket", v.cfg.Bucket.Name, "reason", err)
}

func pause(ctx context.Context, wake <-chan nats.Status, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-wake:
	case <-ctx.Done():
	}
}

// follow reads the bucket from the start and then its changes, until
// something is wrong. followed tells whether the view was complete meanwhile.
func (v *View[K, V]) follow(ctx context.Context, status <-chan nats.Status) (followed bool, err error) {
	kv, err := v.conn.Open(ctx, v.cfg.Bucket)
	if err != nil {
		return false, err
	}
	s := &session{status: status}
	if err := v.begin(ctx, s); err != nil {
		return false, err
	}
	watchCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	w, err := kv.WatchAll(watchCtx)
	if err != nil {
		return false, fmt.Errorf("watch bucket: %w", err)
	}
	defer drain(w)
	s.beats = time.NewTicker(v.cfg.Heartbeat)
	defer s.beats.Stop()
	return v.loop(ctx, s, w.Updates())
}

func (v *View[K, V]) begin(ctx context.Context, s *session) error {
	s.asked = v.cfg.Now()
	ctx, cancel := v.conn.deadline(ctx)
	defer cancel()
	stream, err := v.conn.js.Stream(ctx, "KV_"+v.cfg.Bucket.Name)
	if err != nil {
		return fmt.Errorf("open bucket's stream: %w", err)
	}
	info := stream.CachedInfo()
	s.stream, s.created = stream, info.Created
	s.floor, s.target = info.State.LastSeq, info.State.LastSeq
	v.mu.Lock()
	defer v.mu.Unlock()
	v.building, v.spilled = map[K]Entry[V]{}, false
	v.caughtUp, v.revision = false, 0
	return nil
}

// drain lets the watcher's own goroutine get rid of what it still holds; it
// would otherwise block on it for ever. The channel is closed together with
// the subscription, which Stop, a drain or the end of the connection brings.
func drain(w jetstream.KeyWatcher) {
	_ = w.Stop()
	for range w.Updates() {
		// Nobody wants them any more.
	}
}

func (v *View[K, V]) loop(ctx context.Context, s *session, updates <-chan jetstream.KeyValueEntry) (bool, error) {
	for {
		select {
		case <-ctx.Done():
			return v.isCaughtUp(), ctx.Err()
		case e, ok := <-updates:
			if !ok {
				return v.isCaughtUp(), errWatchEnd
			}
			v.apply(e, s)
		case <-s.status:
			return v.isCaughtUp(), errReconnect
		case <-s.beats.C:
			if err := v.beat(ctx, s); err != nil {
				return v.isCaughtUp(), err
			}
		}
	}
}

func (v *View[K, V]) isCaughtUp() bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.caughtUp
}
