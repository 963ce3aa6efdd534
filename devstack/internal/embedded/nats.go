// Package embedded runs the outside world of a laptop within the launcher's
// process: NATS with JetStream on disk, a Valkey-compatible server and the
// stand-ins for metrics, logs and traces, all on loopback.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Loopback is the only address that anything here listens on.
const Loopback = "127.0.0.1"

// NATS is a running server.
type NATS struct {
	server *server.Server
}

// StartNATS serves on the port and keeps its streams below dir.
func StartNATS(dir string, port int) (*NATS, error) {
	s, err := server.NewServer(&server.Options{
		ServerName: "devstack", Host: Loopback, Port: port, DontListen: false,
		JetStream: true, StoreDir: dir, NoSigs: true, NoLog: true,
	})
	if err != nil {
		return nil, fmt.Errorf("prepare NATS: %w", err)
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		s.Shutdown()
		return nil, errors.New("start NATS: not ready within 10 s")
	}
	return &NATS{server: s}, nil
}

// URL is where clients connect.
func (n *NATS) URL() string { return n.server.ClientURL() }

// Close ends the server and waits until its files are closed, at most until
// the context ends.
func (n *NATS) Close(ctx context.Context) error {
	n.server.Shutdown()
	done := make(chan struct{})
	go func() {
		defer close(done)
		n.server.WaitForShutdown()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop NATS: %w", ctx.Err())
	}
}
