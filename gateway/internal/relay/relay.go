// Package relay brings the bodies of hot routes from the services to the edge:
// from its own bounded memory when it can (the first level of the result
// cache), else as a stream that is copied while it passes. It knows nothing of
// HTTP frameworks and never looks into a body.
package relay

import (
	"context"
	"time"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"

	"github.com/platformbuilds/mirador-core/libs/cache"
)

// Options of a Relay. Zero members mean the default.
type Options struct {
	// MaxBytes of all stored bodies. Default 64 MiB.
	MaxBytes int64
	// MaxEntry of one stored body. Default 16 MiB.
	MaxEntry int
	// TenantShare of MaxBytes that one tenant may use. Default 0.5.
	TenantShare float64
	// TeeBudget of all bodies being collected at one time. Default 24 MiB.
	TeeBudget int64
	// FollowStream is how long calls wait for another call's answer once it
	// streams to its client, who may be slow. Default 2 s.
	FollowStream time.Duration
	// Healthy is asked before every use of the cache; false turns it off and
	// nil means always on.
	Healthy func() bool
	// MaxTTL gives the longest life of a stored answer now, 0 for no limit;
	// nil means never a limit. It shortens lives, those of older answers too,
	// while definitions may be stale.
	MaxTTL func() time.Duration
	// Observe is told of each operation ("get", "set") and result ("hit", "miss",
	// "success", "error"); nil tells nobody.
	Observe func(operation, result string, took time.Duration)
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

func (o Options) withDefaults() Options {
	if o.MaxBytes == 0 {
		o.MaxBytes = 64 << 20
	}
	if o.MaxEntry == 0 {
		o.MaxEntry = 16 << 20
	}
	if o.TenantShare == 0 {
		o.TenantShare = 0.5
	}
	if o.TeeBudget == 0 {
		o.TeeBudget = 24 << 20
	}
	if o.FollowStream == 0 {
		o.FollowStream = 2 * time.Second
	}
	if o.Healthy == nil {
		o.Healthy = func() bool { return true }
	}
	if o.MaxTTL == nil {
		o.MaxTTL = func() time.Duration { return 0 }
	}
	if o.Observe == nil {
		o.Observe = func(string, string, time.Duration) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// Call starts the call that makes the answer. The context that it gets lives
// as long as the answer does.
type Call func(ctx context.Context) (grpc.ServerStreamingClient[httpbody.HttpBody], error)

// Relay is safe for concurrent use.
type Relay struct {
	opts   Options
	local  *cache.Local[*stored]
	flight *cache.Flight[*stored]
	budget *cache.Budget
	asked  *cache.Local[struct{}]
	digest func([]byte) string
}

// New returns a Relay.
func New(opts Options) *Relay {
	opts = opts.withDefaults()
	return &Relay{
		opts:   opts,
		local:  cache.NewLocal[*stored](cache.LocalOptions{MaxBytes: opts.MaxBytes, Share: opts.TenantShare, Now: opts.Now}),
		flight: cache.NewFlight[*stored](opts.FollowStream),
		budget: cache.NewBudget(opts.TeeBudget),
		asked:  cache.NewLocal[struct{}](cache.LocalOptions{MaxBytes: askedBytes, Share: 0.5, Now: opts.Now}),
		digest: digest,
	}
}

// Fetch returns the answer for the key. Faults of the service before the first
// byte of the body are returned as they came from gRPC. The context must stay
// valid until the answer is closed, and needs a deadline.
func (r *Relay) Fetch(ctx context.Context, key Key, call Call) (*Answer, error) {
	if key.Bypass || !r.opts.Healthy() {
		return r.open(ctx, call, nil, Bypass)
	}
	var space [512]byte
	text := key.appendText(space[:0])
	id := r.digest(text)
	if a, ok := r.lookup(key.Tenant, id, text); ok {
		return a, nil
	}
	return r.join(ctx, key, id, string(text), call)
}

// join takes the answer of another call with the same key, or leads one.
func (r *Relay) join(ctx context.Context, key Key, id, text string, call Call) (*Answer, error) {
	tenant := key.Tenant
	shared, turn, err := r.flight.Join(ctx, tenant+id)
	switch {
	case err != nil:
		return nil, err
	case turn == nil && shared.is(tenant, text):
		return r.hit(shared, 0, shared.life), nil
	case turn == nil:
		return r.open(ctx, call, nil, Bypass)
	}
	// The answer may have come between the look and the turn.
	if a, ok := r.lookup(tenant, id, []byte(text)); ok {
		turn.Close()
		return a, nil
	}
	r.opts.Observe("get", "miss", 0)
	return r.open(ctx, call, &tee{relay: r, ctx: ctx, turn: turn, tenant: tenant, id: id, key: text, heed: key.Heed}, Miss)
}

// lookup finds a stored answer. One that does not name the same tenant and key
// inside is not the answer, wherever it was found.
func (r *Relay) lookup(tenant, id string, text []byte) (*Answer, bool) {
	found, ok := r.local.Get(tenant, id)
	if !ok || found.Value.tenant != tenant || found.Value.key != string(text) {
		return nil, false
	}
	if longest := r.opts.MaxTTL(); longest > 0 {
		found.TTL = min(found.TTL, longest-found.Age)
	}
	if found.TTL <= 0 {
		return nil, false
	}
	return r.hit(found.Value, found.Age, found.TTL), true
}

func (r *Relay) hit(s *stored, age, ttl time.Duration) *Answer {
	r.opts.Observe("get", "hit", 0)
	return &Answer{ContentType: s.contentType, Epoch: s.epoch, Cache: Hit, Age: age, TTL: ttl, body: s.body(), whole: true}
}
