package tail

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"
)

// replay shows the newest rows of a window in the order of their times. It
// waits for the caller: nothing of the past is dropped because it comes at once.
func (f *feed) replay(ctx context.Context, from, to time.Time) error {
	rows, err := f.from.Replay(ctx, f.request.Query, from, to, f.options.ReplayRows)
	if err != nil {
		return err
	}
	defer rows.Close()
	f.open()
	past, cut, err := f.collect(rows, from)
	if err != nil {
		return err
	}
	if cut {
		f.to.complain(leftOut)
	}
	for _, r := range past {
		if err := f.to.wait(ctx, r); err != nil {
			return err
		}
	}
	f.alive = to
	return nil
}

// collect reads the past, as far as it may be held.
func (f *feed) collect(rows Rows, from time.Time) (past []Row, cut bool, err error) {
	read, size := 0, 0
	for {
		if err := rows.Read(&f.row); errors.Is(err, io.EOF) {
			slices.SortStableFunc(past, func(a, b Row) int { return a.Time.Compare(b.Time) })
			return past, cut || read >= f.options.ReplayRows, nil
		} else if err != nil {
			return nil, false, err
		}
		read++
		r, ok := f.keep(from)
		if !ok {
			continue
		}
		if size += len(r.JSON); size > 8*f.options.BufferBytes {
			cut = true
			continue
		}
		past = append(past, r)
	}
}
