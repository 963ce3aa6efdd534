// Package upstream is Mirador's way to an HTTP back end that runs several
// times: it finds the endpoints, spreads calls over them, avoids those that
// fail, tries idempotent calls again on another one, and bounds time and size
// of every answer. What a call means is the caller's business. Beside the pool
// stand what each of its users needs: a bound of each tenant's queries (Gate),
// and a back end's own words made fit for callers (Scrub).
package upstream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Resolver looks names up; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
	LookupSRV(ctx context.Context, service, proto, name string) (string, []*net.SRV, error)
}

// Deps is what a pool needs from the process.
type Deps struct {
	// Log of the process.
	Log *slog.Logger
	// Registerer of the pool's metrics; may be nil.
	Registerer prometheus.Registerer
	// Propagate puts the trace context into the headers of a call; may be nil.
	Propagate func(context.Context, http.Header)
	// Resolver for discovery; nil means the system's.
	Resolver Resolver
}

// Pool is one back end with all its endpoints. Run must be running, or ejected
// endpoints come back late and discovery stands still. It is safe for
// concurrent use.
type Pool struct {
	cfg       Config
	deps      Deps
	transport *http.Transport
	metrics   *metrics
	budget    *budget
	// endpoints is never changed in place and never becomes empty again.
	endpoints atomic.Pointer[[]*endpoint]
	turn      atomic.Uint64
	auth      string
	// life ends with Run; probes that calls share hang on it.
	life context.Context
	end  context.CancelFunc
}

// New builds the pool. With discovery it asks DNS once; when that fails the
// pool is empty until Run succeeds, and calls answer 503 meanwhile.
func New(ctx context.Context, cfg Config, deps Deps) (*Pool, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("upstream %s: %w", cfg.Name, err)
	}
	if deps.Resolver == nil {
		deps.Resolver = net.DefaultResolver
	}
	m, err := newMetrics(cfg.Name, deps.Registerer)
	if err != nil {
		return nil, fmt.Errorf("upstream %s: %w", cfg.Name, err)
	}
	p := &Pool{cfg: cfg, deps: deps, metrics: m, budget: newBudget(time.Now()), auth: basicAuth(cfg)}
	p.life, p.end = context.WithCancel(context.WithoutCancel(ctx))
	p.transport = newTransport(p.guard())
	p.endpoints.Store(&[]*endpoint{})
	return p, p.fill(ctx)
}

func (p *Pool) fill(ctx context.Context) error {
	if p.cfg.Discovery.Enabled {
		p.refresh(ctx)
		return nil
	}
	p.set(p.cfg.Endpoints)
	return nil
}

// Run looks up endpoints and probes ejected ones until ctx ends.
func (p *Pool) Run(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.discover(ctx)
	}()
	p.revive(ctx)
	<-done
	p.end()
	p.transport.CloseIdleConnections()
	return nil
}

// set replaces the endpoints; those that stay keep their state.
func (p *Pool) set(urls []string) {
	old := *p.endpoints.Load()
	known := make(map[string]*endpoint, len(old))
	for _, e := range old {
		known[e.base.String()] = e
	}
	next := make([]*endpoint, 0, len(urls))
	for _, text := range unique(urls) {
		u, err := parseEndpoint(text)
		if err != nil {
			continue
		}
		e, ok := known[u.String()]
		if !ok {
			e = newEndpoint(u, p.metrics)
			p.deps.Log.Info("endpoint added", "backend", p.cfg.Name, "endpoint", e.key)
		}
		delete(known, u.String())
		next = append(next, e)
	}
	p.endpoints.Store(&next)
	p.retire(known)
}

func (p *Pool) retire(gone map[string]*endpoint) {
	for _, e := range gone {
		p.metrics.forget(e.key)
		p.deps.Log.Info("endpoint removed", "backend", p.cfg.Name, "endpoint", e.key)
	}
}

// State is one endpoint as readiness shows it.
type State struct {
	// Endpoint is its address; leave it out for callers who are not signed in.
	Endpoint string
	// InFlight calls right now.
	InFlight int64
	// Ejected tells that calls avoid the endpoint.
	Ejected bool
	// Reason of the ejection, without addresses.
	Reason string
	// Since when it is ejected.
	Since time.Time
}

// Endpoints lists the state of every endpoint, in a stable order.
func (p *Pool) Endpoints() []State {
	list := *p.endpoints.Load()
	out := make([]State, len(list))
	for i, e := range list {
		out[i] = e.state()
	}
	return out
}

// Check fails when no endpoint is fit for use, and when some are not it says
// how many; it is a readiness check.
func (p *Pool) Check(context.Context) error {
	states := p.Endpoints()
	if len(states) == 0 {
		return errors.New("no endpoint is known")
	}
	ejected := 0
	for _, s := range states {
		if s.Ejected {
			ejected++
		}
	}
	if ejected > 0 {
		return fmt.Errorf("%d of %d endpoints are away", ejected, len(states))
	}
	return nil
}
