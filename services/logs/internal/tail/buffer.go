package tail

import (
	"context"
	"sync"
)

// maxRow is the largest row that an event can carry, in bytes.
const maxRow = 1 << 20

// buffer holds rows for a caller, and drops the newest when it is full.
type buffer struct {
	options Options
	// ready has a token while there is something to take.
	ready chan struct{}
	// room has a token after something was taken.
	room chan struct{}

	mu            sync.Mutex
	rows          []Row
	bytes         int
	dropped, sent uint64
	problem       string
}

func newBuffer(o Options) *buffer {
	return &buffer{options: o, ready: make(chan struct{}, 1), room: make(chan struct{}, 1)}
}

// put adds a row, or counts it as dropped.
func (b *buffer) put(r Row) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.fits(r) {
		b.dropped++
		return
	}
	b.add(r)
}

// wait adds a row as soon as there is room.
func (b *buffer) wait(ctx context.Context, r Row) error {
	for {
		b.mu.Lock()
		if fits := b.fits(r); fits || len(r.JSON) > maxRow {
			if fits {
				b.add(r)
			} else {
				b.dropped++
			}
			b.mu.Unlock()
			return nil
		}
		b.mu.Unlock()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-b.room:
		}
	}
}

// fits tells whether there is room. An empty buffer has room for any row.
func (b *buffer) fits(r Row) bool {
	if len(r.JSON) > maxRow {
		return false
	}
	return len(b.rows) == 0 || len(b.rows) < b.options.BufferRows && b.bytes+len(r.JSON) <= b.options.BufferBytes
}

func (b *buffer) add(r Row) {
	b.rows = append(b.rows, r)
	b.bytes += len(r.JSON)
	signal(b.ready)
}

// complain tells the caller of a problem.
func (b *buffer) complain(problem string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problem = problem
	signal(b.ready)
}

// take gives the next event.
func (b *buffer) take() Event {
	b.mu.Lock()
	defer b.mu.Unlock()
	n, size := 0, 0
	for n < len(b.rows) && n < b.options.EventRows && (n == 0 || size+len(b.rows[n].JSON) <= b.options.EventBytes) {
		size += len(b.rows[n].JSON)
		n++
	}
	e := Event{Rows: b.rows[:n:n], Dropped: b.dropped, Sent: b.sent + uint64(n), Error: b.problem}
	b.rows, b.bytes, b.sent, b.problem = b.rows[n:], b.bytes-size, e.Sent, ""
	if len(b.rows) > 0 {
		signal(b.ready)
	} else {
		// What was taken is the caller's; the next rows begin anew.
		b.rows = nil
	}
	signal(b.room)
	return e
}

func signal(to chan<- struct{}) {
	select {
	case to <- struct{}{}:
	default:
	}
}
