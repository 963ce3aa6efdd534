package live

import (
	"context"
	"sync"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// The close codes of RFC 6455 and of Mirador (4401: log in again).
const (
	closeNormal      = 1000
	closeGoingAway   = 1001
	closeUnsupported = 1003
	closeInvalid     = 1007
	closePolicy      = 1008
	closeTooBig      = 1009
	closeTryAgain    = 1013
	closeCredential  = 4401
)

// ending is why a stream ends: a close code and a reason for people.
type ending struct {
	code   int
	reason string
}

// owner is a user of a tenant.
type owner struct{ tenant, user string }

// seat is one client's place in the hub.
type seat struct {
	hub    *Hub
	kind   string
	owner  owner
	ctx    context.Context //nolint:containedctx // the life of the client, which the hub may end
	cancel context.CancelFunc
	ended  chan ending
	unused *time.Timer
	once   sync.Once
}

// startWithin is how long a seat waits for its connection to become one.
const startWithin = 10 * time.Second

// join gives a client a seat, or the fault that says why not. The seat's
// context lives until the client leaves, and carries the values of ctx.
func (h *Hub) join(ctx context.Context, kind string, o owner) (*seat, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case !h.cfg.Enabled:
		return nil, fault.New(fault.CodeUnavailable, "Live streams are switched off")
	case h.closing:
		return nil, fault.New(fault.CodeUnavailable, "The server restarts").WithRetryAfter(time.Second)
	case len(h.seats) >= h.cfg.MaxConnections:
		return nil, full("this server has as many as it may")
	case h.tenants[o.tenant] >= h.cfg.MaxPerTenant:
		return nil, full("your tenant has as many as it may")
	case h.users[o] >= h.cfg.MaxPerUser:
		return nil, full("you have as many as you may")
	}
	s := &seat{hub: h, kind: kind, owner: o, ended: make(chan ending, 1)}
	s.ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	// A client that leaves before the answer was written is never heard of again.
	s.unused = time.AfterFunc(startWithin, s.leave)
	h.seats[s] = true
	h.tenants[o.tenant]++
	h.users[o]++
	h.active.WithLabelValues(kind, h.parts.Telemetry.Tenant(o.tenant)).Inc()
	return s, nil
}

// begin says that the connection is one; false means that it came too late.
func (s *seat) begin() bool { return s.unused.Stop() }

// end asks the session to end; only the first call counts.
func (s *seat) end(e ending) {
	select {
	case s.ended <- e:
	default:
	}
}

// leave gives the seat back.
func (s *seat) leave() {
	s.once.Do(func() {
		s.unused.Stop()
		s.cancel()
		h := s.hub
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.seats, s)
		less(h.tenants, s.owner.tenant)
		less(h.users, s.owner)
		h.active.WithLabelValues(s.kind, h.parts.Telemetry.Tenant(s.owner.tenant)).Dec()
		h.settle()
	})
}

func less[K comparable](counts map[K]int, key K) {
	if counts[key]--; counts[key] <= 0 {
		delete(counts, key)
	}
}
