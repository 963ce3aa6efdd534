package tail

import (
	"context"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// visible is how long the backend's rows take to show.
const visible = 1500 * time.Millisecond

// entry is one row of the backend.
type entry struct {
	at   time.Time
	text string
}

func (e entry) line() string {
	return fmt.Sprintf(`{"_time":%q,"_msg":%q}`, e.at.UTC().Format(time.RFC3339Nano), e.text)
}

// backend keeps rows and shows them late, as the real one does.
type backend struct {
	mu      sync.Mutex
	rows    []entry
	follows int
	// cuts says after how long a connection ends; further ones stay.
	cuts []time.Duration
	// silent connections show nothing and do not end.
	silent map[int]bool
	// failing gives the error of the nth attempt to follow, from 1.
	failing func(n int) error
	// replayed counts replays.
	replayed int
	// timeless rows have no time.
	timeless bool
}

func (b *backend) write(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rows = append(b.rows, entry{time.Now(), text})
}

// shown are the rows from index on that can be seen by now.
func (b *backend) shown(index int) []entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []entry
	for _, e := range b.rows[min(index, len(b.rows)):] {
		if time.Since(e.at) >= visible {
			out = append(out, e)
		}
	}
	return out
}

func (b *backend) Replay(_ context.Context, _ string, from, to time.Time, limit int) (Rows, error) {
	b.replayed++
	var lines []string
	for _, e := range b.shown(0) {
		if !e.at.Before(from) && !e.at.After(to) {
			// The real one has no order.
			lines = append([]string{e.line()}, lines...)
		}
	}
	return &fixed{lines: lines[:min(limit, len(lines))]}, nil
}

func (b *backend) Follow(ctx context.Context, _ string, past time.Duration) (Rows, error) {
	b.follows++
	if b.failing != nil {
		if err := b.failing(b.follows); err != nil {
			return nil, err
		}
	}
	c := &connection{backend: b, ctx: ctx, from: time.Now().Add(-past), silent: b.silent[b.follows]}
	if len(b.cuts) > 0 {
		c.until, b.cuts = time.Now().Add(b.cuts[0]), b.cuts[1:]
	}
	return c, nil
}

// fixed is an answer with an end.
type fixed struct{ lines []string }

func (f *fixed) Close() error { return nil }
func (f *fixed) Read(into *row.Row) error {
	if len(f.lines) == 0 {
		return io.EOF
	}
	line := f.lines[0]
	f.lines = f.lines[1:]
	return row.Parse([]byte(line), into)
}

// connection follows, looking twice a second.
type connection struct {
	backend *backend
	ctx     context.Context
	from    time.Time
	until   time.Time
	index   int
	silent  bool
}

func (c *connection) Close() error { return nil }

func (c *connection) Read(into *row.Row) error {
	for {
		if !c.silent {
			for _, e := range c.backend.shown(c.index) {
				c.index++
				if e.at.Before(c.from) {
					continue
				}
				if c.backend.timeless {
					return row.Parse(fmt.Appendf(nil, `{"_msg":%q}`, e.text), into)
				}
				return row.Parse([]byte(e.line()), into)
			}
		}
		select {
		case <-c.ctx.Done():
			return c.ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
		if !c.until.IsZero() && time.Now().After(c.until) {
			return io.ErrUnexpectedEOF
		}
	}
}

// client collects events.
type client struct {
	mu     sync.Mutex
	events []Event
	// slow is how long each event takes.
	slow time.Duration
	err  error
}

func (c *client) send(e Event) error {
	c.mu.Lock()
	c.events = append(c.events, e)
	c.mu.Unlock()
	time.Sleep(c.slow)
	return c.err
}

func (c *client) texts(t *testing.T) []string {
	t.Helper()
	var out []string
	var r row.Row
	for _, e := range c.events {
		for _, line := range e.Rows {
			if err := row.Parse(line.JSON, &r); err != nil {
				t.Fatal(err)
			}
			text, _ := r.Get("_msg")
			out = append(out, text)
		}
	}
	return out
}

func (c *client) errors() (all []string) {
	for _, e := range c.events {
		if e.Error != "" {
			all = append(all, e.Error)
		}
	}
	return all
}

func (c *client) last() Event { return c.events[len(c.events)-1] }
