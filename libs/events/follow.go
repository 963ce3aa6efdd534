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

const (
	// followBatch records are asked for at a time.
	followBatch = 256
	// followWait is how long one question stays open; after it, the position
	// is compared with the server's.
	followWait = 2 * time.Second
	// idleConsumer is when the server forgets a reader that went away.
	idleConsumer = 30 * time.Second
)

var errGap = errors.New("records are missing")

// Follower builds something from a log. Its methods are called from one
// goroutine.
type Follower interface {
	// Reset tells that the log was thrown away: what was built is void once
	// CaughtUp comes.
	Reset()
	// Apply takes the next record.
	Apply(Record)
	// CaughtUp tells that everything known to the server at moment was applied.
	CaughtUp(moment time.Time)
}

// position is how far a follower has read, and in which incarnation.
type position struct {
	created time.Time
	applied uint64
}

// Follow gives the follower every record in order, from the first one on, and
// then new ones as they come, until ctx ends. It survives restarts of the
// server and the log being created anew.
func (l *Log) Follow(ctx context.Context, f Follower) error {
	status := l.conn.nats.StatusChanged(nats.CONNECTED)
	defer l.conn.nats.RemoveStatusListener(status)
	var pos position
	wait := firstRetry
	for ctx.Err() == nil {
		before := pos
		err := l.session(ctx, &pos, f)
		if ctx.Err() != nil {
			break
		}
		if pos != before {
			wait = firstRetry
		}
		l.conn.log.Log(ctx, slog.LevelDebug, "log is opened anew", "log", l.cfg.Name, "reason", err)
		pause(ctx, status, wait/2+rand.N(wait))
		wait = min(2*wait, lastRetry)
	}
	return nil
}

func (l *Log) session(ctx context.Context, pos *position, f Follower) error {
	stream, last, err := l.resume(ctx, pos, f)
	if err != nil {
		return err
	}
	cons, err := l.consumer(ctx, stream, pos.applied+1)
	if err != nil {
		return fmt.Errorf("read log: %w", err)
	}
	r := reading{pos: pos, follower: f, asked: time.Now(), target: last}
	for {
		r.confirm()
		if err := r.fetch(ctx, cons); err != nil {
			return err
		}
		if err := r.compare(ctx, l.conn, stream); err != nil {
			return err
		}
	}
}

// resume opens the log and tells the follower when it is not the one that the
// position speaks of.
func (l *Log) resume(ctx context.Context, pos *position, f Follower) (jetstream.Stream, uint64, error) {
	ctx, cancel := l.conn.deadline(ctx)
	defer cancel()
	stream, err := l.stream(ctx)
	if err != nil {
		return nil, 0, err
	}
	info := stream.CachedInfo()
	if !info.Created.Equal(pos.created) || info.State.LastSeq < pos.applied {
		*pos = position{created: info.Created}
		f.Reset()
	}
	return stream, info.State.LastSeq, nil
}

// consumer exists as long as somebody reads from it; the position is kept
// here, so nothing is lost with it.
func (l *Log) consumer(ctx context.Context, stream jetstream.Stream, from uint64) (jetstream.Consumer, error) {
	ctx, cancel := l.conn.deadline(ctx)
	defer cancel()
	return stream.CreateConsumer(ctx, jetstream.ConsumerConfig{
		AckPolicy: jetstream.AckNonePolicy, DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: from,
		MemoryStorage: true, Replicas: 1, InactiveThreshold: idleConsumer,
	})
}

// reading is one session with one consumer.
type reading struct {
	pos      *position
	follower Follower
	// delivered counts what this consumer sent; a jump means that a message
	// got lost on the way.
	delivered uint64
	// target was the server's newest sequence at asked.
	target uint64
	asked  time.Time
	// stuck is set when a whole question brought nothing although there is more.
	stuck bool
}

// confirm tells the follower once it has what the server knew when asked.
func (r *reading) confirm() {
	if r.pos.applied >= r.target && !r.asked.IsZero() {
		r.follower.CaughtUp(r.asked)
		r.asked = time.Time{}
	}
}

func (r *reading) fetch(ctx context.Context, cons jetstream.Consumer) error {
	ctx, cancel := context.WithTimeout(ctx, followWait)
	defer cancel()
	batch, err := cons.Fetch(followBatch, jetstream.FetchContext(ctx))
	if err != nil {
		return fmt.Errorf("ask for records: %w", err)
	}
	before := r.pos.applied
	for msg := range batch.Messages() {
		if err := r.apply(msg); err != nil {
			cancel()
			return err
		}
	}
	r.stuck = r.pos.applied == before
	if err := batch.Error(); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("read records: %w", err)
	}
	return nil
}

func (r *reading) apply(msg jetstream.Msg) error {
	meta, err := msg.Metadata()
	if err != nil {
		return fmt.Errorf("read record: %w", err)
	}
	if meta.Sequence.Consumer != r.delivered+1 {
		return errGap
	}
	r.delivered++
	r.follower.Apply(Record{Sequence: meta.Sequence.Stream, Subject: msg.Subject(), Time: meta.Timestamp, Data: msg.Data()})
	r.pos.applied = meta.Sequence.Stream
	r.confirm()
	return nil
}

// compare asks the server how far the log goes.
func (r *reading) compare(ctx context.Context, c *Conn, stream jetstream.Stream) error {
	asked := time.Now()
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	info, err := stream.Info(ctx)
	if err != nil {
		return fmt.Errorf("ask for log's state: %w", err)
	}
	last := info.State.LastSeq
	if !info.Created.Equal(r.pos.created) || last < r.pos.applied {
		return errReplaced
	}
	if r.stuck && last > r.pos.applied && r.target > r.pos.applied {
		return errGap
	}
	r.target, r.asked = last, asked
	return nil
}
