// Package relay brings the bodies of hot routes from the services to the edge:
// from its own bounded memory when it can (the first level of the result
// cache), else as a stream that is copied while it passes. It knows nothing of
// HTTP frameworks and never looks into a body.
package relay

import (
	"context"
	"errors"
	"time"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
)

// Key names one answer of one caller. Every member takes part in it.
type Key struct {
	// Tenant and Account ("AccountID:ProjectID") of the identity.
	Tenant, Account string
	// Scope is the digest of the role scope, empty without one.
	Scope string
	// Route is the route's pattern or RPC.
	Route string
	// Params are the raw parameters in any order; they are sorted here.
	Params []Param
	// Epoch of the tenant's definitions.
	Epoch uint64
	// Bypass keeps the answer out of the cache and of shared calls.
	Bypass bool
}

// Param is one raw parameter.
type Param struct {
	// Name and Value as the client sent them, decoded.
	Name, Value string
}

// Options of a Relay. Zero members mean the default.
type Options struct {
	// MaxBytes of all stored bodies. Default 64 MiB.
	MaxBytes int64
	// MaxEntry of one stored body. Default 16 MiB.
	MaxEntry int
	// TenantShare of MaxBytes that one tenant may use. Default 0.5.
	TenantShare float64
	// TeeBudget of all bodies being collected at one time. Default 32 MiB.
	TeeBudget int64
	// FollowStream is how long calls wait for another call's answer once it
	// streams to its client, who may be slow. Default 2 s.
	FollowStream time.Duration
	// Healthy is asked before every use of the cache; false turns it off and
	// nil means always on.
	Healthy func() bool
	// MaxTTL gives the longest life of a stored answer now, 0 for no limit;
	// nil means never a limit. It shortens lives while definitions may be stale.
	MaxTTL func() time.Duration
	// Observe is told of each operation ("get", "set") and result ("hit", "miss",
	// "success", "error"); nil tells nobody.
	Observe func(operation, result string, took time.Duration)
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Call starts the call that makes the answer. The context that it gets lives
// as long as the answer does.
type Call func(ctx context.Context) (grpc.ServerStreamingClient[httpbody.HttpBody], error)

// Relay is safe for concurrent use.
type Relay struct{}

// New returns a Relay.
func New(opts Options) *Relay { return &Relay{} }

// Fetch returns the answer for the key. Faults of the service before the first
// byte of the body are returned as they came from gRPC. The context must stay
// valid until the answer is closed, and needs a deadline.
func (r *Relay) Fetch(ctx context.Context, key Key, call Call) (*Answer, error) {
	return nil, errors.New("not built yet")
}
