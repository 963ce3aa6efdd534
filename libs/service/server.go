package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"

	"github.com/platformbuilds/mirador-core/libs/config"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	"github.com/platformbuilds/mirador-core/libs/telemetry"
)

// Server is a running service. Wire gets it and uses it from one goroutine.
type Server struct {
	// Name and Build of the service.
	Name  string
	Build Build
	// Log of the process.
	Log *slog.Logger
	// Telemetry of the process.
	Telemetry *telemetry.Telemetry

	config   Config
	grpc     *grpc.Server
	wantGRPC bool
	health   *health.Server
	bearer   *bearer

	debug     *listener
	listeners []*listener
	closers   []closer
	reloads   []func(any)
	checks    checks
	state     atomic.Int32
	status    func() config.Status

	ctx     context.Context
	cancel  context.CancelCauseFunc
	drain   context.Context
	drained context.CancelFunc
	running sync.WaitGroup
}

type closer struct {
	name string
	end  func(ctx context.Context) error
}

// listener serves one protocol at one address.
type listener struct {
	name  string
	lis   net.Listener
	serve func(net.Listener) error
	stop  func(ctx context.Context) error
}

// GRPC returns the gRPC server with every interceptor installed. It listens
// after Wire returned; a service that never asks for it has none.
func (s *Server) GRPC() *grpc.Server {
	s.wantGRPC = true
	return s.grpc
}

// Dial prepares a client of another service, closed when this one ends. token
// mints the identity of a call that has none; nil passes on the credential
// that the current call came with.
func (s *Server) Dial(name, endpoint string, token func(context.Context) (string, error)) (*rpc.Client, error) {
	c, err := rpc.Dial(endpoint, rpc.ClientOptions{
		TLS: s.config.TLS, Production: s.config.Production(), Telemetry: s.Telemetry, Token: token})
	if err != nil {
		return nil, fmt.Errorf("client of %s: %w", name, err)
	}
	s.OnClose(name, func(context.Context) error { return c.Close() })
	return c, nil
}

// OnClose registers what to close at the end, in reverse order, after calls
// and owned goroutines have ended.
func (s *Server) OnClose(name string, end func(ctx context.Context) error) {
	s.closers = append(s.closers, closer{name, end})
}

// Revoked sets what decides whether a user's valid token was revoked.
func (s *Server) Revoked(revoked func(*identity.Claims) bool) { s.bearer.revoked.Store(&revoked) }

// Go runs a goroutine that the service owns, at once. Its context ends when
// the service stops, after the calls under way; an error before that, or a
// panic, ends the service.
func (s *Server) Go(name string, run func(ctx context.Context) error) {
	s.running.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				s.Log.Error("panic in a goroutine", "name", name, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
				s.cancel(fmt.Errorf("%s: panic: %v", name, p))
			}
		}()
		if err := run(s.ctx); err != nil && s.ctx.Err() == nil {
			s.cancel(fmt.Errorf("%s: %w", name, err))
		}
	})
}

// Listen opens addr now and serves a protocol of its own there once Wire
// returned. serve blocks until stop, which ends it gracefully within its
// context.
func (s *Server) Listen(name, addr string, serve func(net.Listener) error, stop func(ctx context.Context) error) error {
	lis, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("listen for %s: %w", name, err)
	}
	s.listeners = append(s.listeners, &listener{name, lis, serve, stop})
	return nil
}

// Addr returns the address of a listener by name ("grpc", "metrics", or the
// name given to Listen); useful when the port was 0. It is "" for others.
func (s *Server) Addr(name string) string {
	for _, l := range append(s.listeners[:len(s.listeners):len(s.listeners)], s.debug) {
		if l.name == name {
			return l.lis.Addr().String()
		}
	}
	return ""
}

// OnReload registers a function that gets each new configuration, of which
// only fields tagged reload:"true" differ.
func OnReload[C Configured](s *Server, apply func(C)) {
	s.reloads = append(s.reloads, func(c any) {
		if typed, ok := c.(C); ok {
			apply(typed)
		}
	})
}

// errStopped is the cause of a context that ended as it should.
var errStopped = errors.New("stopped")
