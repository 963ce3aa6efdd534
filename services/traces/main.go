// Traces answers trace queries: traces in Jaeger's shape, flame graphs and the
// map of services, for the tenant of the caller's identity. See README.md.
package main

import (
	"context"
	"fmt"
	"time"

	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/libs/service"
	tracesv1 "github.com/platformbuilds/mirador-core/proto/gen/traces/v1"
	"github.com/platformbuilds/mirador-core/services/traces/internal/reading"
	"github.com/platformbuilds/mirador-core/services/traces/internal/server"
	"github.com/platformbuilds/mirador-core/services/traces/internal/victoriatraces"
)

// Set by -ldflags.
var version, commitHash, buildTime string

func main() {
	service.Main("traces", service.Build{Version: version, Commit: commitHash, Time: buildTime}, defaults, wire)
}

// wire builds the service: the back end, then what reads from it.
func wire(ctx context.Context, cfg Config, s *service.Server) error {
	backend, err := openBackend(ctx, cfg, s)
	if err != nil {
		return err
	}
	if err := watchRevocations(cfg, s); err != nil {
		return err
	}
	read := reading.New(reading.Parts{
		Backend: backend,
		Limits:  cfg.Traces.limits(),
		Observe: func(tenant string, took time.Duration) { s.Telemetry.Query("traces", tenant, took) },
		Now:     time.Now,
	})
	tracesv1.RegisterTracesServiceServer(s.GRPC(), server.New(read))
	return nil
}

func openBackend(ctx context.Context, cfg Config, s *service.Server) (*victoriatraces.Client, error) {
	pool, err := s.OpenBackend(ctx, cfg.Backend.pool())
	if err != nil {
		return nil, err
	}
	client := victoriatraces.New(pool, time.Now)
	s.Check("victoria_traces", false, client.Health)
	return client, nil
}

// watchRevocations ends access tokens of callers that come without the gateway.
func watchRevocations(cfg Config, s *service.Server) error {
	conn, err := events.Connect(cfg.NATS, "traces", s.Log, s.Telemetry.Registry)
	if err != nil {
		return fmt.Errorf("open events: %w", err)
	}
	s.OnClose("nats", conn.Close)
	s.WatchRevocations(events.NewRevocations(conn, cfg.JWT.Lifetime+time.Hour, events.MaxRevocations))
	return nil
}
