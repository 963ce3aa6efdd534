// Package execution runs the queries of one caller from end to end: it checks
// what was asked, guards the back end, shares cached answers, and has the
// answer relayed with metadata and definitions. It knows neither gRPC messages
// nor the back end's protocol.
package execution

import (
	"context"
	"io"
	"time"

	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/upstream"
	"github.com/platformbuilds/mirador-core/services/query/internal/cost"
	"github.com/platformbuilds/mirador-core/services/query/internal/definitions"
	"github.com/platformbuilds/mirador-core/services/query/internal/read"
	"github.com/platformbuilds/mirador-core/services/query/internal/relay"
	"github.com/platformbuilds/mirador-core/services/query/internal/resultcache"
)

// Backend reads for an identity. Its answer is a Prometheus-shaped JSON body,
// which must be closed; anything else is a fault, whose Detail may hold the
// back end's words, or read.ErrUnfiltered.
type Backend interface {
	Read(ctx context.Context, id *identity.Identity, r read.Request) (io.ReadCloser, error)
}

// Epochs knows the definitions epoch of each tenant.
type Epochs interface {
	Epoch(tenant string) uint64
}

// Book holds definitions.
type Book interface {
	JSONOf(ctx context.Context, tenant string, epoch uint64, subject string, want func() definitions.Wanted,
		o definitions.Options) (json []byte, warning string)
	Describe(ctx context.Context, tenant string, epoch uint64, metrics []string) (map[string]definitions.Known, error)
}

// Parts that a Service is made of.
type Parts struct {
	// Backend that holds the series.
	Backend Backend
	// Relay writes the public bodies.
	Relay *relay.Relay
	// Cache of answers.
	Cache *resultcache.Cache
	// Book of definitions.
	Book Book
	// Epochs of definitions.
	Epochs Epochs
	// Limits of a tenant.
	Limits func(tenant string) cost.Limits
	// Observe is told how long a query of a type took; see telemetry.Query.
	Observe func(queryType, tenant string, took time.Duration)
	// Stale tells that news of definitions does not arrive; then answers are
	// cached for a short time only.
	Stale func() bool
	// Timeout is the longest time for one query; ClosedTTL is how long an
	// answer that touches the past only may be cached.
	Timeout, ClosedTTL time.Duration
	// Now is the clock.
	Now func() time.Time
}

// Service is safe for concurrent use.
type Service struct {
	Parts
	gate  *upstream.Gate
	texts *texts
}

// New returns a Service made of the parts, all of which are needed.
func New(p Parts) *Service {
	return &Service{Parts: p, gate: upstream.NewGate(), texts: newTexts(p.Now)}
}

// Call is one call of a client.
type Call struct {
	// To takes the answer.
	To relay.Stream
	// Epoch of the definitions that the answer must include at least.
	Epoch uint64
	// NoCache bypasses the result cache.
	NoCache bool
	// Plain leaves metadata and definitions out: Prometheus' own shape.
	Plain bool
	// Timeout as the client wrote it; empty means the server's own.
	Timeout string
	// In is what stands before names of fields in faults: "/" for members of a
	// body, empty for parameters.
	In string
}

// Definitions that an answer shall carry.
type Definitions struct {
	// Off leaves them out.
	Off bool
	// Options of the others.
	definitions.Options
}
