// Package reading answers one caller's question about traces from end to end:
// it checks what was asked, bounds it, holds it to the caller's role scope, and
// writes the public body. It knows neither gRPC messages nor the back end's
// protocol.
package reading

import (
	"context"
	"io"
	"time"

	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/upstream"
	"github.com/platformbuilds/mirador-core/services/traces/internal/criteria"
	"github.com/platformbuilds/mirador-core/services/traces/internal/scope"
	"github.com/platformbuilds/mirador-core/services/traces/internal/servicemap"
	"github.com/platformbuilds/mirador-core/services/traces/internal/trace"
)

// Backend reads for an identity. Answers with a body are in Jaeger's shape and
// must be closed; errors are faults, or wrap servicemap.ErrUnsupported
// where that is said.
type Backend interface {
	// Services and Operations are sorted lists.
	Services(ctx context.Context, id *identity.Identity) ([]string, error)
	Operations(ctx context.Context, id *identity.Identity, service string) ([]string, error)
	// Trace by an id of 32 digits; its data may be empty.
	Trace(ctx context.Context, id *identity.Identity, traceID string) (io.ReadCloser, error)
	// Search for traces of a service, the newest first.
	Search(ctx context.Context, id *identity.Identity, w criteria.Criteria) (io.ReadCloser, error)
	// Dependencies, Counts and Spans may be unsupported.
	Dependencies(ctx context.Context, id *identity.Identity, w criteria.Window) ([]servicemap.Call, error)
	Counts(ctx context.Context, id *identity.Identity, w criteria.Window) ([]servicemap.Count, error)
	Spans(ctx context.Context, id *identity.Identity, w criteria.Window, suffix string, limit int,
		each func(traceID string, s trace.Span)) error
}

// Limits of what one call may cost.
type Limits struct {
	// Timeout is the longest time for one call.
	Timeout time.Duration
	// ListTTL is how long lists may be cached; 0 means not at all.
	ListTTL time.Duration
	// MaxSpans of one trace that are looked at.
	MaxSpans int
	// MaxRange of a window.
	MaxRange time.Duration
	// MaxConcurrent calls of one tenant.
	MaxConcurrent int
}

// Parts that a Service is made of.
type Parts struct {
	// Backend that holds the spans.
	Backend Backend
	// Limits of every tenant.
	Limits Limits
	// Observe is told how long a query took.
	Observe func(tenant string, took time.Duration)
	// Now is the clock.
	Now func() time.Time
}

// Service is safe for concurrent use.
type Service struct {
	Parts
	gate *upstream.Gate
	line *line
}

// New returns a Service made of the parts, all of which are needed.
func New(p Parts) *Service {
	return &Service{Parts: p, gate: upstream.NewGate(), line: newLine()}
}

// margin lets a deadline here pass before the caller's own, so that what
// happened can still be told.
const margin = 250 * time.Millisecond

// call is one call under way.
type call struct {
	ctx     context.Context
	id      *identity.Identity
	scope   scope.Scope
	message string
	began   time.Time
	// end frees what the call holds.
	end func()
}

// work is what a call does with the back end's answers.
type work uint8

const (
	// lists are small.
	lists work = iota
	// relays pass answers on; under a role scope they are taken apart.
	relays
	// decodes takes answers apart.
	decodes
)

// begin checks who calls, and takes a place among the tenant's calls. A call
// ends within most, and within what the client allows.
func (s *Service) begin(ctx context.Context, message string, most time.Duration, does work) (*call, error) {
	id, err := identity.Require(ctx)
	if err != nil {
		return nil, err
	}
	held, err := scope.Parse(id.Scope)
	if err != nil {
		return nil, err
	}
	leave, err := s.gate.Enter(message, id.Tenant, s.Limits.MaxConcurrent)
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		most = min(most, time.Until(deadline)-margin)
	}
	ctx, cancel := context.WithTimeout(ctx, most)
	c := &call{ctx: ctx, id: id, scope: held, message: message, began: s.Now()}
	turn := func() {}
	c.end = func() {
		cancel()
		turn()
		leave()
		s.Observe(id.Tenant, s.Now().Sub(c.began))
	}
	if does == decodes || does == relays && !held.All() {
		if turn, err = s.line.enter(ctx, message, id.Tenant); err != nil {
			turn = func() {}
			c.end()
			return nil, err
		}
	}
	return c, nil
}
