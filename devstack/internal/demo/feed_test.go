package demo

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/journey"
	"github.com/platformbuilds/mirador-core/devstack/internal/shoplogs"
	"github.com/platformbuilds/mirador-core/devstack/internal/vmimport"
)

// counter counts the rows it is asked to write, by tenant, and the windows.
type counter struct {
	mu     sync.Mutex
	rows   map[vmimport.Tenant]int
	last   map[vmimport.Tenant]time.Time
	holes  int
	broken bool
}

func newCounter() *counter {
	return &counter{rows: map[vmimport.Tenant]int{}, last: map[vmimport.Tenant]time.Time{}}
}

func (c *counter) Write(_ context.Context, story *journey.Traffic, tenant vmimport.Tenant, from, to time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken {
		return errors.New("away")
	}
	if last := c.last[tenant]; !last.IsZero() && !last.Equal(from) {
		c.holes++
	}
	c.last[tenant] = to
	c.rows[tenant] += shoplogs.Count(story, from, to).Total
	return nil
}

func (c *counter) fail(broken bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broken = broken
}

func fed(t *testing.T, c *counter) Options {
	o := options(t, newStore())
	o.Feeds = []Feed{{Name: Logs, Target: "stand-in", Writer: c}}
	return o
}

// live plays for a while and stops; during is called at the half of it.
func live(t *testing.T, p *Player, length time.Duration, during func(ctx context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	time.Sleep(length / 2)
	if err := during(ctx); err != nil {
		t.Error(err)
	}
	time.Sleep(length / 2)
	cancel()
	<-done
}

// agree compares what was written with what the story's file says.
func agree(t *testing.T, o Options, c *counter) {
	t.Helper()
	for _, tenant := range Tenants() {
		r, err := Count(o.File, tenant.Name, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
		if err != nil || r.Logs.Total != c.rows[tenant.ID] || r.Logs.Total == 0 {
			t.Errorf("tenant %s: %d rows written, %d counted (%v)", tenant.Name, c.rows[tenant.ID], r.Logs.Total, err)
		}
		if !r.Logs.Written.Equal(c.last[tenant.ID]) {
			t.Errorf("tenant %s: written up to %v, counted up to %v", tenant.Name, c.last[tenant.ID], r.Logs.Written)
		}
		sum := 0
		for _, minute := range r.Logs.PerMinute {
			sum += minute.Count
		}
		if sum != r.Logs.Total {
			t.Errorf("tenant %s: %d rows in all minutes, %d in all", tenant.Name, sum, r.Logs.Total)
		}
	}
	if c.holes > 0 {
		t.Errorf("%d windows do not follow the one before", c.holes)
	}
}

func TestWhatIsCountedIsWhatWasWritten(t *testing.T) {
	tests := []struct {
		name   string
		during func(ctx context.Context, p *Player, c *counter) error
	}{
		{"quiet", func(context.Context, *Player, *counter) error { return nil }},
		{"a fresh incident", func(ctx context.Context, p *Player, _ *counter) error {
			time.Sleep(2500 * time.Millisecond)
			_, err := p.Play(ctx, 3)
			return err
		}},
		{"trouble", func(_ context.Context, _ *Player, c *counter) error {
			c.fail(true)
			time.Sleep(time.Minute)
			c.fail(false)
			return nil
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCounter()
				o := fed(t, c)
				p := open(t, o)
				backfill(t, p)
				agree(t, o, c)
				live(t, p, 4*time.Minute, func(ctx context.Context) error { return tt.during(ctx, p, c) })
				agree(t, o, c)
			})
		})
	}
}

func TestFeedGoesOnOrBeginsAnew(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Feed)
		fresh  bool
	}{
		{"same", func(*Feed) {}, false},
		{"another back end", func(f *Feed) { f.Target = "http://127.0.0.1:1" }, true},
		{"one that forgets", func(f *Feed) { f.Forgets = true }, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCounter()
				o := fed(t, c)
				backfill(t, open(t, o))
				time.Sleep(time.Minute)
				tt.change(&o.Feeds[0])
				if tt.fresh {
					*c = *newCounter()
				}
				backfill(t, open(t, o))
				agree(t, o, c)
			})
		})
	}
}

func TestBulkIsPartOfTheReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := fed(t, newCounter())
		o.BulkRows = 5000
		p := open(t, o)
		backfill(t, p)
		b := p.Told().Bulk
		r, err := Count(o.File, "demo", b.Start, b.End)
		if err != nil || r.Logs.Total != 5000 || r.Logs.ByService[shoplogs.BulkService] != 5000 {
			t.Errorf("%+v (%v), want the 5000 bulk rows", r.Logs, err)
		}
		if r, err = Count(o.File, "other", b.Start, b.End); err != nil || r.Logs.Total != 0 {
			t.Errorf("tenant other: %+v (%v), want no row", r.Logs, err)
		}
	})
}

func TestReportNamesWhatIsWrong(t *testing.T) {
	o := options(t, newStore())
	if _, err := Count(o.File, "demo", time.Now(), time.Now()); err == nil {
		t.Error("a story that was never told was counted")
	}
	if _, err := Count(o.File, "nobody", time.Now(), time.Now()); err == nil {
		t.Error("a tenant that nobody knows was counted")
	}
}

func TestFeedsGoWithoutMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCounter()
		o := fed(t, c)
		o.Writer = nil
		p := open(t, o)
		backfill(t, p)
		live(t, p, time.Minute, func(context.Context) error { return nil })
		agree(t, o, c)
	})
}
