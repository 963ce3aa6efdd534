// Package eventstest runs a NATS server with JetStream inside a test, one that
// can be stopped and brought back with what it had stored.
package eventstest

import (
	"context"
	"io"
	"log/slog"
	"net"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/platformbuilds/mirador-core/libs/events"
)

// patience bounds every wait of this package.
const patience = 10 * time.Second

// Server is a NATS server on a free loopback port.
type Server struct {
	tb   testing.TB
	dir  string
	port int
	srv  *server.Server
}

// Start runs a server until the test ends.
func Start(tb testing.TB) *Server {
	tb.Helper()
	// Not tb.TempDir: the server may still write while the folder goes away,
	// which would fail the test.
	dir, err := os.MkdirTemp("", "nats")
	if err != nil {
		tb.Fatal(err)
	}
	s := &Server{tb: tb, dir: dir, port: server.RANDOM_PORT}
	tb.Cleanup(func() { s.Stop(); _ = os.RemoveAll(dir) })
	s.Resume()
	return s
}

// URL of the server; it stays the same over Stop and Resume.
func (s *Server) URL() string {
	return "nats://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port))
}

// Config for connecting to the server.
func (s *Server) Config() events.Config {
	cfg := events.Defaults()
	cfg.URLs = []string{s.URL()}
	return cfg
}

// Connect opens a connection that is closed when the test ends.
func (s *Server) Connect(name string) *events.Conn {
	s.tb.Helper()
	c, err := events.Connect(s.Config(), name, slog.New(slog.NewTextHandler(io.Discard, nil)), prometheus.NewRegistry())
	if err != nil {
		s.tb.Fatal(err)
	}
	s.tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := c.Close(ctx); err != nil {
			s.tb.Error(err)
		}
	})
	return c
}

// Stop ends the server, as a crash of it would for its clients.
func (s *Server) Stop() {
	if s.srv == nil {
		return
	}
	s.srv.Shutdown()
	s.srv.WaitForShutdown()
	s.srv = nil
}

// Resume starts the server again, on the same port and with the same data.
func (s *Server) Resume() {
	s.tb.Helper()
	srv, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: s.port, JetStream: true, StoreDir: s.dir, NoLog: true, NoSigs: true})
	if err != nil {
		s.tb.Fatal(err)
	}
	srv.Start()
	if !srv.ReadyForConnections(patience) {
		s.tb.Fatal("nats server does not start")
	}
	s.srv = srv
	if addr, ok := srv.Addr().(*net.TCPAddr); ok {
		s.port = addr.Port
	}
}

// Eventually polls until the condition holds and fails the test when it does
// not within ten seconds.
func Eventually(tb testing.TB, what string, holds func() bool) {
	tb.Helper()
	deadline := time.Now().Add(patience)
	for !holds() {
		if time.Now().After(deadline) {
			tb.Fatalf("never happened: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// Run runs a loop such as a view's Run until the test ends.
func Run(tb testing.TB, run func(context.Context) error) {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	tb.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			tb.Error(err)
		}
	})
}
