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
	"github.com/platformbuilds/mirador-core/services/schema/internal/changelog"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

const (
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
// maxDefinitions keys, deleted ones included.
func New(c *events.Conn, epochs Epochs, log *slog.Logger, maxDefinitions int) *Store {
	s := &Store{
		log:    c.OpenLog(changelog.LogName, "order of schema definitions", changelog.Filter),
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

// Apply stores a batch; see definition.Store.
func (s *Store) Apply(ctx context.Context, b definition.Batch) (definition.Outcome, error) {
	if err := b.Check(); err != nil {
		return definition.Outcome{}, err
	}
	subject, err := changelog.Subject(b.Tenant, b.Log())
	if err != nil {
		return definition.Outcome{}, err
	}
	release, err := s.lane(ctx, b.Tenant)
	if err != nil {
		return definition.Outcome{}, err
	}
	defer release()
	for {
		out, err := s.attempt(ctx, subject, b)
		if !errors.Is(err, events.ErrConflict) {
			return out, err
		}
		if err := s.catchUp(ctx); err != nil {
			return definition.Outcome{}, err
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
func (s *Store) attempt(ctx context.Context, subject string, b definition.Batch) (out definition.Outcome, err error) {
	p, err := s.current(ctx, b)
	if err != nil || len(p.rest.Changes) == 0 {
		return p.outcome, err
	}
	data, err := changelog.Encode(p.rest)
	if err != nil {
		return out, err
	}
	sequence, err := s.log.Append(ctx, subject, data, p.last)
	if err != nil {
		return out, err
	}
	p.outcome.Epoch = sequence
	return p.outcome, s.settle(ctx, b.Tenant, sequence)
}

// Refresh waits until this replica has the whole log; see definition.Store.
func (s *Store) Refresh(ctx context.Context) error {
	end, err := s.log.End(ctx)
	if err != nil {
		return err
	}
	return s.replica.wait(ctx, end)
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
func (s *Store) catchUp(ctx context.Context) error {
	if err := s.Refresh(ctx); err != nil {
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
