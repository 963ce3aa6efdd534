// Package jetstream keeps definitions in a NATS JetStream log: one append per
// change is the one truth, and each replica folds the log into memory. Who
// comes first is decided by compare-and-set on the tenant's subject, so any
// number of replicas may write.
package jetstream

import (
	"context"
	"errors"
	"hash/maphash"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

const (
	// LogName is the stream's name.
	LogName = "SCHEMA"
	// epochWait is how long a read waits for an epoch that is still on its way.
	epochWait = time.Second
	// healEvery is how often epochs are compared with the log.
	healEvery = time.Second
	// lanes lets changes of different tenants go side by side in one replica;
	// those of one tenant would only lose against each other.
	lanes = 64
)

// Epochs is where a tenant's epoch is announced to those who cache.
type Epochs interface {
	Epoch(tenant string) uint64
	Publish(ctx context.Context, tenant string, epoch uint64) error
}

// Store is a definition.Store. Run must be running.
type Store struct {
	log     *events.Log
	epochs  Epochs
	replica *replica
	logger  *slog.Logger
	most    int
	lanes   [lanes]chan struct{}
	seed    maphash.Seed
}

// New returns a store on the log of the connection. A tenant may have at most
// maxDefinitions metrics and labels.
func New(c *events.Conn, epochs Epochs, log *slog.Logger, maxDefinitions int) *Store {
	s := &Store{
		log:    c.OpenLog(LogName, "order of schema definitions", subjectPrefix+"*.*"),
		epochs: epochs, replica: newReplica(log), logger: log, most: maxDefinitions, seed: maphash.MakeSeed(),
	}
	for i := range s.lanes {
		s.lanes[i] = make(chan struct{}, 1)
	}
	return s
}

// Run follows the log and repairs epochs until ctx ends.
func (s *Store) Run(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.heal(ctx)
	}()
	err := s.log.Follow(ctx, s.replica)
	<-done
	return err
}

// Check fails until the log has been read once; it is a readiness check.
func (s *Store) Check(context.Context) error {
	return s.replica.read("", func(*tenant) {})
}

// Put stores a change; see definition.Store.
func (s *Store) Put(ctx context.Context, c definition.Change) (uint64, error) {
	subject, err := subjectOf(c.Tenant)
	if err != nil {
		return 0, err
	}
	release, err := s.lane(ctx, c.Tenant)
	if err != nil {
		return 0, err
	}
	defer release()
	for {
		epoch, err := s.attempt(ctx, subject, c)
		if !errors.Is(err, events.ErrConflict) {
			return epoch, err
		}
		if err := s.catchUp(ctx, subject); err != nil {
			return 0, err
		}
	}
}

// lane makes the changes of one tenant queue up.
func (s *Store) lane(ctx context.Context, tenant string) (release func(), err error) {
	lane := s.lanes[maphash.String(s.seed, tenant)%lanes]
	select {
	case lane <- struct{}{}:
		return func() { <-lane }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// attempt makes one try on what this replica knows; ErrConflict tells that it
// did not know everything.
func (s *Store) attempt(ctx context.Context, subject string, c definition.Change) (uint64, error) {
	p, err := s.plan(c)
	if err != nil {
		return 0, err
	}
	if p.change.Metric == nil && len(p.change.Labels) == 0 {
		return p.epoch, s.unchanged(ctx, subject, p.epoch)
	}
	data, err := encode(p.change)
	if err != nil {
		return 0, err
	}
	sequence, err := s.log.Append(ctx, subject, data, p.epoch)
	if err != nil {
		return 0, err
	}
	return sequence, s.settle(ctx, c.Tenant, sequence)
}

// plan is what remains of a change on top of an epoch.
type plan struct {
	change definition.Change
	epoch  uint64
}

func (s *Store) plan(c definition.Change) (p plan, err error) {
	full := false
	err = s.replica.read(c.Tenant, func(t *tenant) {
		p = plan{change: t.rest(c), epoch: t.epoch}
		n := t.fresh(p.change)
		full = n > 0 && t.count+n > s.most
	})
	if err == nil && full {
		err = fault.New(fault.CodeQuotaExceeded, "upsert failed").
			WithDetail("the tenant has %d definitions, as many as it may", s.most)
	}
	return p, err
}

// unchanged makes sure that nobody changed the definitions meanwhile: what
// looks equal here may be older than the truth.
func (s *Store) unchanged(ctx context.Context, subject string, epoch uint64) error {
	last, err := s.log.Last(ctx, subject)
	if err == nil && last != epoch {
		return events.ErrConflict
	}
	return err
}

// settle makes an acknowledged change visible here and announces it. Should
// the announcement fail, heal makes up for it: the change is stored.
func (s *Store) settle(ctx context.Context, tenant string, sequence uint64) error {
	if err := s.replica.wait(ctx, sequence); err != nil {
		return err
	}
	if err := s.epochs.Publish(ctx, tenant, sequence); err != nil {
		s.logger.Warn("epoch is not announced yet", "tenant", tenant, "error", err)
	}
	return nil
}

// catchUp waits for what others have written, plus a moment that differs
// between replicas so that they do not meet again.
func (s *Store) catchUp(ctx context.Context, subject string) error {
	last, err := s.log.Last(ctx, subject)
	if err != nil {
		return err
	}
	if err := s.replica.wait(ctx, last); err != nil {
		return err
	}
	t := time.NewTimer(rand.N(5 * time.Millisecond))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// heal announces epochs that lag behind the log, whoever wrote the change: its
// writer may have ended in between.
func (s *Store) heal(ctx context.Context) {
	tick := time.NewTicker(healEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for tenant, sequence := range s.replica.stale() {
			if s.epochs.Epoch(tenant) >= sequence {
				continue
			}
			if err := s.epochs.Publish(ctx, tenant, sequence); err != nil {
				s.replica.again(tenant, sequence)
			}
		}
	}
}
