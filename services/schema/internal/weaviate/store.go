// Package weaviate keeps definitions in Weaviate: a projection of the log that
// package jetstream writes and folds. The log decides who comes first and what
// number a version gets; Weaviate answers reads and searches. Its objects can
// be written any number of times: their ids come from keys and version
// numbers, and their content from the log alone.
package weaviate

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
	"github.com/platformbuilds/mirador-core/services/schema/internal/jetstream"
)

// epochWait is how long a read waits for an epoch that is still on its way.
const epochWait = time.Second

// Store is a definition.Store. Run must be running.
type Store struct {
	fold      *jetstream.Store
	client    *client
	projector *projector
}

// New returns a store in a Weaviate that may be away for now. A tenant may have
// at most maxDefinitions keys, deleted ones included.
func New(cfg Config, conn *events.Conn, announced jetstream.Epochs, log *slog.Logger, maxDefinitions int) *Store {
	p := &projector{client: newClient(cfg), conn: conn, encoder: encoder{cfg.NestedKeys}, log: log, now: time.Now,
		wake: make(chan struct{}, 1), news: make(chan struct{}), mends: map[address]struct{}{}}
	p.hints = &hints{wake: p.rouse}
	p.epochs = &epochs{Epochs: announced, projected: p.projected, waiting: map[string]uint64{}}
	p.fold = jetstream.New(conn, p.epochs, log, maxDefinitions)
	return &Store{fold: p.fold, client: p.client, projector: p}
}

// Run follows the log and projects it until ctx ends.
func (s *Store) Run(ctx context.Context) error {
	defer s.client.close()
	done := make(chan error, 1)
	go func() { done <- s.fold.Run(ctx) }()
	err := s.projector.run(ctx)
	return errors.Join(err, <-done)
}

// Check fails until the log has been read once; it is a readiness check.
func (s *Store) Check(ctx context.Context) error { return s.fold.Check(ctx) }

// CheckWeaviate fails while Weaviate is away or lacks what the log says; it is
// a readiness check.
func (s *Store) CheckWeaviate(ctx context.Context) error {
	if err := s.projector.usable(); err != nil {
		return err
	}
	return s.client.check(ctx)
}

// Apply stores a batch; see definition.Store. After an error the batch may
// stand in the log; it is then projected later.
func (s *Store) Apply(ctx context.Context, b definition.Batch) (definition.Outcome, error) {
	if err := s.projector.usable(); err != nil {
		return definition.Outcome{}, err
	}
	out, err := s.fold.Apply(ctx, b)
	if err != nil {
		return definition.Outcome{}, err
	}
	s.projector.hurry(out.Epoch)
	return out, s.projector.wait(ctx, out.Epoch)
}

// Refresh waits until everything in the log is projected; see definition.Store.
func (s *Store) Refresh(ctx context.Context) error {
	log, err := readLog(ctx, s.projector.conn)
	if err != nil {
		return err
	}
	return s.projector.wait(ctx, log.end)
}
