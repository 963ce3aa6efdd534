package demo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// batch is how many steps go into one request: about 2 MB of text.
const batch = 48

// maxPage bounds what waits for a back end that is away; beyond it the oldest
// moments are lost, as with any scraper.
const maxPage = 16 << 20

// Backfill writes everything up to now. progress gets the share done, 0 to 1.
func (p *Player) Backfill(ctx context.Context, progress func(done float64)) error {
	feeds := p.catchUpFeeds(ctx)
	err := errors.Join(p.catchUp(ctx, progress), feeds())
	return errors.Join(err, p.keepFeeds())
}

func (p *Player) catchUp(ctx context.Context, progress func(done float64)) error {
	now := p.options.Now().Truncate(Step)
	first := p.told.Written
	for {
		// Also when nothing is due: a back end that was restarted has lost the
		// metadata.
		if err := p.flush(ctx, p.record(now, batch)); err != nil {
			return err
		}
		if !p.told.Written.Before(now) {
			return nil
		}
		progress(float64(p.told.Written.Sub(first)) / float64(now.Sub(first)))
	}
}

// record puts at most steps moments up to now on the pages, and returns the
// time of the last one.
func (p *Player) record(now time.Time, steps int) time.Time {
	p.header()
	at := p.told.Written
	for range steps {
		if !at.Before(now) {
			break
		}
		at = at.Add(Step)
		p.moment(at)
	}
	return at
}

func (p *Player) header() {
	for _, page := range p.pages {
		if len(page.Text()) > maxPage {
			page.Reset()
		}
		page.Metadata()
	}
}

func (p *Player) moment(at time.Time) {
	p.recorder.Record(at, func(name, labels string, value float64) {
		for _, page := range p.pages {
			page.Add(name, labels, value, at)
		}
	})
	for _, page := range p.pages {
		page.Mark(at)
	}
}

// flush sends the pages, all tenants at the same time. The counters have moved
// on, so what could not be sent stays on the pages for the next time.
func (p *Player) flush(ctx context.Context, upTo time.Time) error {
	p.change(func(t *Told) { t.Written = upTo })
	if err := p.send(ctx); err != nil {
		return err
	}
	for _, page := range p.pages {
		page.Reset()
	}
	return p.told.save(p.options.File)
}

func (p *Player) send(ctx context.Context) error {
	if p.options.Writer == nil {
		return nil
	}
	tenants := Tenants()
	faults := make([]error, len(tenants))
	var all sync.WaitGroup
	for i, tenant := range tenants {
		all.Go(func() {
			if err := p.options.Writer.Write(ctx, tenant.ID, p.pages[i].Text()); err != nil {
				faults[i] = fmt.Errorf("write demo metrics of tenant %s: %w", tenant.Name, err)
			}
		})
	}
	all.Wait()
	return errors.Join(faults...)
}
