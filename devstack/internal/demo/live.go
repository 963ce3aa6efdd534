package demo

import (
	"context"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/shop"
)

// request asks for an incident; the answer is what begins.
type request struct {
	seed   uint64
	answer chan shop.Incident
}

// Run tells the story live until the context ends.
func (p *Player) Run(ctx context.Context) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case r := <-p.requests:
			r.answer <- p.strike(r.seed)
		case <-ticker.C:
			p.tick(ctx)
		}
	}
}

// Play begins a fresh incident now. Run must be running.
func (p *Player) Play(ctx context.Context, seed uint64) (shop.Incident, error) {
	r := request{seed: seed, answer: make(chan shop.Incident, 1)}
	select {
	case p.requests <- r:
		return <-r.answer, nil
	case <-ctx.Done():
		return shop.Incident{}, ctx.Err()
	}
}

func (p *Player) strike(seed uint64) shop.Incident {
	fresh := shop.Fresh(seed, p.options.Now().Truncate(time.Second))
	p.change(func(t *Told) { t.add(fresh) })
	p.story = p.told.story()
	p.recorder.Tell(p.story)
	return fresh
}

// tick writes what is due. Trouble is told when it begins and when it ends,
// not every second.
func (p *Player) tick(ctx context.Context) {
	p.tellFeeds(ctx, p.options.Now().Truncate(time.Second))
	now := p.options.Now().Truncate(Step)
	if !p.told.Written.Before(now) {
		return
	}
	err := p.flush(ctx, p.record(now, batch))
	if failing := err != nil && ctx.Err() == nil; failing != p.failing {
		p.failing = failing
		p.options.Log.Warn("demo metrics", "failing", failing, "error", err)
	}
}
