package demo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/journey"
	"github.com/platformbuilds/mirador-core/devstack/internal/shop"
	"github.com/platformbuilds/mirador-core/devstack/internal/signal"
)

// The names of the feeds.
const (
	Logs   = "logs"
	Traces = "traces"
)

// Feed is one back end besides that of metrics which the story goes to.
type Feed struct {
	// Name is Logs or Traces.
	Name string
	// Target names the back end; a feed is not continued at another one.
	Target string
	// Forgets says that the back end is empty at every start.
	Forgets bool
	// Writer reaches the back end.
	Writer signal.Writer
}

// Span is what a feed has brought to a tenant: everything with From <= time <
// Written.
type Span struct {
	Target  string    `json:"target"`
	From    time.Time `json:"from"`
	Written time.Time `json:"written"`
}

const (
	// piece is what one write holds at most.
	piece = 5 * time.Minute
	// livePatience bounds one live write: the next feed waits for it.
	livePatience = 5 * time.Second
)

// feed is a Feed for one tenant.
type feed struct {
	Feed
	tenant  Tenant
	span    Span
	failing bool
}

func feedKey(name, tenant string) string { return name + "/" + tenant }

func (f *feed) key() string { return feedKey(f.Name, f.tenant.Name) }

// openFeeds goes on where the file says, or begins the history anew.
func (p *Player) openFeeds(now time.Time) {
	oldest := now.Add(-p.options.History)
	if oldest.Before(p.told.Start) {
		oldest = p.told.Start
	}
	for _, one := range p.options.Feeds {
		for _, tenant := range Tenants() {
			f := &feed{Feed: one, tenant: tenant, span: p.told.Feeds[feedKey(one.Name, tenant.Name)]}
			if one.Forgets || f.span.Target != one.Target || f.span.Written.Before(oldest) || f.span.Written.After(now.Add(Step)) {
				f.span = Span{Target: one.Target, From: oldest, Written: oldest}
			}
			p.feeds = append(p.feeds, f)
		}
	}
}

// catchUpFeeds writes all feeds up to now, each in a goroutine of its own; the
// function returned waits for them.
func (p *Player) catchUpFeeds(ctx context.Context) (wait func() error) {
	faults := make([]error, len(p.feeds))
	now := p.options.Now().Truncate(time.Second)
	var all sync.WaitGroup
	for i, f := range p.feeds {
		all.Go(func() { faults[i] = f.catchUp(ctx, p.story, now) })
	}
	return func() error {
		all.Wait()
		return errors.Join(faults...)
	}
}

// tellFeeds writes live what the feeds lack up to now.
func (p *Player) tellFeeds(ctx context.Context, now time.Time) {
	for _, f := range p.feeds {
		inTime, cancel := context.WithTimeout(ctx, livePatience)
		err := f.catchUp(inTime, p.story, now)
		cancel()
		if failing := err != nil && ctx.Err() == nil; failing != f.failing {
			f.failing = failing
			p.options.Log.Warn("demo "+f.Name, "failing", failing, "error", err)
		}
	}
	if err := p.keepFeeds(); err != nil {
		p.options.Log.Warn("demo story", "error", err)
	}
}

// keepFeeds remembers how far the feeds are.
func (p *Player) keepFeeds() error {
	if len(p.feeds) == 0 {
		return nil
	}
	spans := map[string]Span{}
	for _, f := range p.feeds {
		spans[f.key()] = f.span
	}
	p.change(func(t *Told) { t.Feeds = spans })
	return p.told.save(p.options.File)
}

func (f *feed) catchUp(ctx context.Context, story *shop.Shop, now time.Time) error {
	traffic := journey.New(story, journey.For(f.tenant.Name, f.tenant.Marker))
	for f.span.Written.Before(now) {
		to := f.span.Written.Add(piece)
		if to.After(now) {
			to = now
		}
		if err := f.Writer.Write(ctx, traffic, f.tenant.ID, f.span.Written, to); err != nil {
			return fmt.Errorf("write demo %s of tenant %s: %w", f.Name, f.tenant.Name, err)
		}
		f.span.Written = to
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}
