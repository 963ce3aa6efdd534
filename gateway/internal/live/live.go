// Package live serves streams that do not end by themselves: a tail of log
// rows, over a WebSocket or as server-sent events. The hub knows every client,
// bounds how many there are, and ends them in order when the process stops. A
// client is a seat in the hub, a sink that carries frames to it, and a session
// that decides which; another kind of stream brings another session.
package live

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/telemetry"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
)

// Parts of a Hub. Zero durations mean the default.
type Parts struct {
	// Log takes what no client can be told.
	Log *slog.Logger
	// Telemetry counts clients.
	Telemetry *telemetry.Telemetry
	// Logs is the logs service.
	Logs logsv1.LogsServiceClient
	// CallTimeout bounds one call of the service; a tail that lasts longer goes
	// on with the next. Default 1 h.
	CallTimeout time.Duration
	// Heartbeat is the pause between two heartbeats; with each the credential is
	// looked at again. Default 10 s.
	Heartbeat time.Duration
	// Spread is how long Shutdown takes to end many clients, so that they do not
	// come back all at once. Default 10 s.
	Spread time.Duration
	// Now is the clock. Default time.Now.
	Now func() time.Time
}

func (p Parts) withDefaults() Parts {
	if p.CallTimeout == 0 {
		p.CallTimeout = time.Hour
	}
	if p.Heartbeat == 0 {
		p.Heartbeat = 10 * time.Second
	}
	if p.Spread == 0 {
		p.Spread = 10 * time.Second
	}
	if p.Now == nil {
		p.Now = time.Now
	}
	return p
}

// Hub is the registry of live clients.
type Hub struct {
	cfg    Config
	parts  Parts
	active *prometheus.GaugeVec

	mu      sync.Mutex
	seats   map[*seat]bool
	tenants map[string]int
	users   map[owner]int
	closing bool
	empty   chan struct{}
}

// New returns a Hub.
func New(cfg Config, p Parts) *Hub {
	h := &Hub{cfg: cfg, parts: p.withDefaults(), seats: map[*seat]bool{}, tenants: map[string]int{}, users: map[owner]int{},
		empty: make(chan struct{}),
		active: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "mirador_core_websocket_connections_active",
			Help: "Live streams by kind and tenant."}, []string{"stream_type", "tenant_id"})}
	p.Telemetry.Registry.MustRegister(h.active)
	return h
}

// Caller is whom a live stream belongs to.
type Caller struct {
	// Tenant and User of the identity.
	Tenant, User string
	// Verify looks at the credential again. It returns the context that calls
	// are made in from now on, or the fault that ends the stream.
	Verify func() (context.Context, error)
}

// Shutdown refuses new clients and ends those that are here, spread over some
// time. When ctx ends first, the rest is cut.
func (h *Hub) Shutdown(ctx context.Context) error {
	seats := h.close()
	for i, s := range seats {
		if i > 0 && wait(ctx, h.parts.Spread/time.Duration(len(seats))) != nil {
			break
		}
		s.end(ending{closeGoingAway, "the server restarts, come back in a second"})
	}
	select {
	case <-h.empty:
		return nil
	case <-ctx.Done():
	}
	for _, s := range seats {
		s.cancel()
	}
	return fmt.Errorf("end live streams: %w", ctx.Err())
}

// close stops new clients from coming and lists the others.
func (h *Hub) close() []*seat {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.closing {
		h.closing = true
		h.settle()
	}
	seats := make([]*seat, 0, len(h.seats))
	for s := range h.seats {
		seats = append(seats, s)
	}
	return seats
}

// settle says that the last client of a closing hub has left.
func (h *Hub) settle() {
	if h.closing && len(h.seats) == 0 {
		close(h.empty)
	}
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err() //nolint:wrapcheck // the caller names the operation
	}
}

func full(what string) error {
	return fault.New(fault.CodeBusy, "Too many live streams").WithDetail("%s", what).WithRetryAfter(time.Second)
}
