package tail

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
)

const (
	interrupted = "the back end is not reachable: rows come late"
	leftOut     = "the past holds more rows than a tail replays: older ones are left out"
)

// feed fills the buffer from one connection after the other.
type feed struct {
	from    Source
	request Request
	options Options
	to      *buffer
	seam    *seam
	opened  chan struct{}

	isOpen  bool
	arrived int
	// alive is when the back end was last known to answer.
	alive time.Time
	// timeless tells that the query leaves out the times of rows.
	timeless bool
	row      row.Row
}

// errIdle ends a connection that was silent for long.
var errIdle = errors.New("silent connection")

// run connects until the context ends, or until what the caller asked for is
// refused, or nothing could be opened at all.
func (f *feed) run(ctx context.Context) error {
	from, failures := f.request.Since, 0
	if from.IsZero() {
		from = time.Now()
	}
	for {
		before := f.alive
		err := f.connect(ctx, from)
		if f.alive.After(before) {
			failures = 0
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, errIdle):
		case !f.isOpen || final(err):
			return err
		default:
			f.to.complain(problem(err))
			failures++
		}
		if !f.pause(ctx, failures) {
			return nil
		}
		from = later(from, f.alive.Add(-f.options.Margin))
	}
}

// connect shows everything from the time on: the past by a query, the rest by a
// tail that begins before the query's end.
func (f *feed) connect(ctx context.Context, from time.Time) error {
	now := time.Now()
	if now.Sub(from) > f.options.Margin {
		if err := f.replay(ctx, from, now); err != nil {
			return err
		}
		from = later(from, now.Add(-f.options.Margin))
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	rows, err := f.from.Follow(ctx, f.request.Query, time.Since(f.known(from))+time.Second)
	if err != nil {
		return err
	}
	defer rows.Close()
	f.open()
	return f.follow(ctx, cancel, rows, from)
}

// known is where to begin to follow. Rows without a time cannot be known again,
// so these begin where the connection before has ended.
func (f *feed) known(from time.Time) time.Time {
	if f.timeless {
		return later(from, f.alive)
	}
	return from
}

// open tells that the back end has taken the query.
func (f *feed) open() {
	f.alive = time.Now()
	if !f.isOpen {
		f.isOpen = true
		close(f.opened)
	}
	f.seam.begin()
}

// follow reads until the connection ends or has been silent for long.
func (f *feed) follow(ctx context.Context, cancel context.CancelCauseFunc, rows Rows, from time.Time) error {
	idle := time.AfterFunc(f.options.Idle, func() { cancel(errIdle) })
	defer idle.Stop()
	for {
		if err := rows.Read(&f.row); err != nil {
			if errors.Is(context.Cause(ctx), errIdle) {
				return errIdle
			}
			return err
		}
		idle.Reset(f.options.Idle)
		f.alive = time.Now()
		if r, ok := f.keep(from); ok {
			f.to.put(r)
		}
	}
}

// keep gives the row that was read, unless it is older than asked for, known
// already, or left out by sampling.
func (f *feed) keep(from time.Time) (Row, bool) {
	at, known := f.row.Time()
	f.timeless = !known
	if known && (at.Before(from) || !f.seam.fresh(&f.row, at)) {
		return Row{}, false
	}
	f.arrived++
	if n := f.request.Sampling; n > 1 && f.arrived%n != 1 {
		return Row{}, false
	}
	return Row{JSON: f.row.AppendJSON(nil), Time: at}, true
}

// pause waits before the next connection, longer after each failure in a row,
// and not in step with other tails.
func (f *feed) pause(ctx context.Context, failures int) bool {
	if failures == 0 {
		return true
	}
	wait := min(f.options.RetryMax, f.options.RetryMin<<min(failures-1, 10))
	timer := time.NewTimer(wait/2 + rand.N(wait/2+1))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// final tells that trying again is of no use.
func final(err error) bool {
	if errors.Is(err, io.EOF) {
		return false
	}
	f := fault.From(err)
	return !f.Kind().Ours() && f.Code != fault.CodeBusy && f.Code != fault.CodeCanceled
}

// problem is what the caller is told of an error.
func problem(err error) string {
	if f := fault.From(err); !errors.Is(err, io.EOF) && f.Detail != "" {
		return interrupted + " (" + f.Detail + ")"
	}
	return interrupted
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
