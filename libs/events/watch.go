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
	v.building, v.caughtUp, v.revision = map[K]Entry[V]{}, false, 0
	return nil
}

// drain lets the watcher's own goroutine get rid of what it still holds; it
// would otherwise block on it for ever. The channel is closed together with
// the subscription, which Stop, a drain or the end of the connection brings.
func drain(w jetstream.KeyWatcher) {
	_ = w.Stop()
	for range w.Updates() { //nolint:revive // emptying is the purpose
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

// apply takes one update; the watcher marks the end of the first reading with
// nil.
func (v *View[K, V]) apply(e jetstream.KeyValueEntry, s *session) {
	if e == nil {
		v.swap(s)
		return
	}
	put, err := v.decode(e)
	if err != nil {
		v.conn.log.Warn("bucket entry cannot be read", "bucket", v.cfg.Bucket.Name, "revision", e.Revision(), "error", err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.revision = max(v.revision, e.Revision())
	if err == nil {
		put(v.target())
	}
	v.confirm(s)
}

func (v *View[K, V]) target() map[K]Entry[V] {
	if v.caughtUp {
		return v.current
	}
	return v.building
}

// decode gives the change that an update makes to a map.
func (v *View[K, V]) decode(e jetstream.KeyValueEntry) (func(map[K]Entry[V]), error) {
	key, err := v.cfg.Key(e.Key())
	if err != nil {
		return nil, err
	}
	if e.Operation() != jetstream.KeyValuePut {
		return func(m map[K]Entry[V]) { v.remove(m, key, e.Revision()) }, nil
	}
	value, err := v.cfg.Value(e.Value())
	if err != nil {
		return nil, err
	}
	entry := Entry[V]{Value: value, Revision: e.Revision(), Created: e.Created()}
	return func(m map[K]Entry[V]) { v.put(m, key, entry) }, nil
}

func (v *View[K, V]) remove(m map[K]Entry[V], key K, revision uint64) {
	if old, ok := m[key]; ok && old.Revision < revision {
		delete(m, key)
	}
}

// swap puts the fresh reading in place of the old one.
func (v *View[K, V]) swap(s *session) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.current, v.building = v.building, nil
	v.revision = max(v.revision, s.floor)
	v.caughtUp = true
	v.overflow = v.overflow && len(v.current) >= v.cfg.MaxEntries
	v.confirm(s)
	v.conn.metrics.entries.WithLabelValues(v.cfg.Bucket.Name).Set(float64(len(v.current)))
	select {
	case <-v.ready:
	default:
		close(v.ready)
	}
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
