package jetstream

import (
	"context"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// plan is what a batch does on top of one state of the tenant.
type plan struct {
	// rest is the changes that say something new.
	rest    definition.Batch
	outcome definition.Outcome
	// last is the newest record of the log that the plan is made on.
	last uint64
	// unmet tells that a condition does not hold.
	unmet bool
	// fresh counts the keys that the batch would add, count those that exist.
	fresh, count int
}

// current plans a batch. A plan without a write is made on the newest state:
// what looks needless or wrong here may only be old.
func (s *Store) current(ctx context.Context, b definition.Batch) (plan, error) {
	p, err := s.plan(b)
	if err == nil && (p.unmet || len(p.rest.Changes) == 0) {
		if err = s.Refresh(ctx); err == nil {
			p, err = s.plan(b)
		}
	}
	switch {
	case err != nil:
		return plan{}, err
	case p.unmet:
		return plan{}, fault.New(fault.CodePrecondition, "definition has changed").
			WithDetail("it is not the version that If-Match names")
	case p.fresh > 0 && p.count+p.fresh > s.most:
		return plan{}, fault.New(fault.CodeQuotaExceeded, "upsert failed").
			WithDetail("the tenant has %d definitions, as many as it may; deleted ones count, since their history is kept", p.count)
	}
	return p, nil
}

// plan looks at what this replica knows.
func (s *Store) plan(b definition.Batch) (p plan, err error) {
	p.rest = definition.Batch{Tenant: b.Tenant, Author: b.Author}
	err = s.replica.read(b.Tenant, func(t *tenant) {
		p.outcome.Epoch, p.last, p.count = t.epoch, t.last[b.Log()], t.count
		for _, c := range b.Changes {
			p.add(c, t.head(c.Key))
		}
	})
	return p, err
}

func (p *plan) add(c definition.Change, head definition.Definition) {
	p.unmet = p.unmet || !c.If.Holds(head)
	next, changed := c.On(head)
	if changed {
		p.rest.Changes = append(p.rest.Changes, c)
		if head.Version == 0 {
			p.fresh++
		}
	}
	p.outcome.Applied = append(p.outcome.Applied, definition.Applied{Definition: next, Changed: changed})
}
