// Package tail follows the rows of a query as they arrive. It replays the past
// that a caller asks for, goes on where it was when the back end breaks off, and
// neither doubles a row at such a seam nor holds more than a bounded number of
// them for a caller that is slow.
package tail

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
)

// Rows arrive one after the other.
type Rows interface {
	// Read waits for the next row and fills it in; io.EOF when there are no
	// more, else a fault.
	Read(into *row.Row) error
	// Closer ends the reading.
	io.Closer
}

// Source is the back end.
type Source interface {
	// Replay gives the newest rows of a window in any order, at most limit.
	Replay(ctx context.Context, query string, from, to time.Time, limit int) (Rows, error)
	// Follow gives rows as they arrive, and before them those of the given past.
	Follow(ctx context.Context, query string, past time.Duration) (Rows, error)
}

// Request of a caller.
type Request struct {
	// Query in LogsQL, with pipes that change rows one by one.
	Query string
	// Since is where to begin; zero means now.
	Since time.Time
	// Sampling keeps one row of so many; 0 and 1 keep all.
	Sampling int
}

// Row is one row that arrived.
type Row struct {
	// JSON object.
	JSON []byte
	// Time of the row; zero when it has none.
	Time time.Time
}

// Event is what happened since the one before. One with nothing but counts is a
// heartbeat.
type Event struct {
	// Rows in the order of arrival.
	Rows []Row
	// Dropped and Sent count rows since the beginning.
	Dropped, Sent uint64
	// Error is why rows may be missing or late; it goes on by itself.
	Error string
}

// Options are bounds and times.
type Options struct {
	// BufferRows and BufferBytes bound what waits for a slow caller.
	BufferRows, BufferBytes int
	// EventRows and EventBytes bound one event.
	EventRows, EventBytes int
	// ReplayRows bounds the past: older rows are left out, and said to be.
	ReplayRows int
	// Heartbeat is the time between two heartbeats.
	Heartbeat time.Duration
	// Margin is how late a row may become visible.
	Margin time.Duration
	// Idle is how long a silent connection is trusted. It is made anew then,
	// since a peer that has vanished is silent, too.
	Idle time.Duration
	// RetryMin and RetryMax bound the waits between connections.
	RetryMin, RetryMax time.Duration
}

// DefaultOptions of a tail.
func DefaultOptions() Options {
	return Options{
		BufferRows: 2048, BufferBytes: 4 << 20, EventRows: 256, EventBytes: 256 << 10, ReplayRows: 10_000,
		Heartbeat: 10 * time.Second, Margin: 10 * time.Second, Idle: time.Minute,
		RetryMin: 500 * time.Millisecond, RetryMax: 30 * time.Second,
	}
}

// Run follows until the context ends, which is no error, or the caller cannot
// be sent to. A query that the back end refuses is a fault before the first
// event, which comes as soon as the back end has answered.
func Run(ctx context.Context, from Source, r Request, o Options, send func(Event) error) error {
	ctx, cancel := context.WithCancel(ctx)
	b := newBuffer(o)
	f := &feed{from: from, request: r, options: o, to: b, seam: newSeam(o.Margin), opened: make(chan struct{})}
	done := make(chan error, 1)
	var running sync.WaitGroup
	running.Go(func() { done <- f.run(ctx) })
	defer running.Wait()
	defer cancel()
	return relay(ctx, f.opened, done, b, o, send)
}

// relay sends what the buffer takes in, until the feed or the context ends.
func relay(ctx context.Context, opened <-chan struct{}, done <-chan error, b *buffer, o Options, send func(Event) error) (err error) {
	select {
	case <-opened:
	case err := <-done:
		return err
	}
	heartbeat := time.NewTicker(o.Heartbeat)
	defer heartbeat.Stop()
	if err := send(Event{}); err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-done:
			return err
		case <-heartbeat.C:
			err = send(b.take())
		case <-b.ready:
			err = send(b.take())
		}
		if err != nil {
			return err
		}
	}
}
