package weaviate

import (
	"context"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// away is what callers get while the projector is not up.
func away(why string) error {
	return fault.New(fault.CodeUnavailable, "Service unavailable").WithDetail("%s", why).WithRetryAfter(time.Second)
}

// usable fails while nothing can be projected.
func (p *projector) usable() error {
	if s, _ := p.state(); !s.up || !s.synced {
		return away("the store of definitions is away")
	}
	return nil
}

// wait returns once a record is projected. It fails as soon as that cannot be
// had in a moment.
func (p *projector) wait(ctx context.Context, sequence uint64) error {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	for {
		s, news := p.state()
		switch {
		case s.projected >= sequence && s.synced:
			return nil
		case !s.up:
			return away("the store of definitions is away")
		}
		select {
		case <-news:
		case <-ctx.Done():
			return down("wait for the projection", ctx.Err())
		}
	}
}

// await gives a read a moment to include a sequence. It fails only when this
// replica does not know yet what Weaviate holds.
func (p *projector) await(ctx context.Context, sequence uint64) error {
	ctx, cancel := context.WithTimeout(ctx, epochWait)
	defer cancel()
	for {
		s, news := p.state()
		if s.synced && s.projected >= sequence {
			return nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			if s.synced {
				return nil
			}
			return away("the definitions are being read")
		}
	}
}
