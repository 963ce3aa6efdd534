// Package service runs a Mirador process: configuration, logs, metrics,
// health, gRPC server, signals, ordered close. A service writes
//
//	func main() { service.Main("query", service.Build{...}, defaults, wire) }
//
// and nothing of that itself.
package service

import (
	"context"
	"io"
	"log/slog"
	"net"
	"os"

	"google.golang.org/grpc"

	"github.com/platformbuilds/mirador-core/libs/rpc"
	"github.com/platformbuilds/mirador-core/libs/telemetry"
)

// Build names the build of the binary; main passes what -ldflags injected.
type Build struct {
	Version, Commit, Time string
}

// Configured is a configuration struct that embeds Config.
type Configured interface {
	Base() Config
}

// Program is a service as a value that a test can start.
type Program[C Configured] struct {
	// Name of the service, the same everywhere.
	Name string
	// Build of the binary.
	Build Build
	// Defaults returns a full, runnable configuration.
	Defaults func() C
	// Wire builds the service: open, construct, register. What was registered
	// with OnClose before an error is closed again.
	Wire func(ctx context.Context, cfg C, s *Server) error
	// Started, when set, is called once everything listens.
	Started func(s *Server)
	// Environ, Stdout and Stderr default to the process' own.
	Environ        []string
	Stdout, Stderr io.Writer
}

// Main runs a service until a signal ends it and exits the process: 0 after a
// clean end, 1 after a failure, 2 for a bad command line or configuration.
func Main[C Configured](name string, build Build, defaults func() C, wire func(context.Context, C, *Server) error) {
	p := Program[C]{Name: name, Build: build, Defaults: defaults, Wire: wire}
	os.Exit(p.Exit(context.Background(), os.Args[1:]...))
}

// Exit runs the program and returns its exit code.
func (p Program[C]) Exit(ctx context.Context, args ...string) int {
	if err := p.Run(ctx, args...); err != nil {
		return 1
	}
	return 0
}

// Run runs one command of the program ("serve" when args name none) until it
// is done or the context ends.
func (p Program[C]) Run(ctx context.Context, args ...string) error { return nil }

// Server is a running service; Wire gets it.
type Server struct {
	// Log of the process.
	Log *slog.Logger
	// Telemetry of the process.
	Telemetry *telemetry.Telemetry

	grpc *grpc.Server
}

// GRPC returns the gRPC server with every interceptor installed. It listens
// after Wire returned; a service that never asks for it has none.
func (s *Server) GRPC() *grpc.Server { return s.grpc }

// Dial prepares a client of another service that is closed with this one.
// token mints the identity of a call; nil passes on the caller's.
func (s *Server) Dial(name, endpoint string, token func(context.Context) (string, error)) (*rpc.Client, error) {
	return rpc.Dial(endpoint, rpc.ClientOptions{Token: token})
}

// OnClose registers what to close at the end, in reverse order.
func (s *Server) OnClose(name string, close func(ctx context.Context) error) {}

// Go runs a goroutine that the service owns. Its context ends when the service
// stops; an error or a panic ends the service.
func (s *Server) Go(name string, run func(ctx context.Context) error) {}

// Check adds a part to readiness. A critical part that fails makes /readyz
// answer 503; any other is listed as degraded.
func (s *Server) Check(name string, critical bool, check func(ctx context.Context) error) {}

// Listen serves a protocol of its own at addr once Wire returned. stop ends
// serve gracefully within its context.
func (s *Server) Listen(name, addr string, serve func(net.Listener) error, stop func(ctx context.Context) error) error {
	return nil
}

// Addr returns the address of a listener by name ("grpc", "metrics", or the
// name given to Listen); useful when the port was 0.
func (s *Server) Addr(name string) string { return "" }

// OnReload registers a function that gets each new configuration, of which
// only fields tagged reload:"true" differ.
func OnReload[C Configured](s *Server, apply func(C)) {}
