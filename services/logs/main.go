// Logs answers log queries: LogsQL in, rows, counts and patterns out, for the
// tenant of the caller's identity. See README.md.
package main

import (
	"context"
	"fmt"
	"time"

	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/libs/service"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
	"github.com/platformbuilds/mirador-core/services/logs/internal/server"
	"github.com/platformbuilds/mirador-core/services/logs/internal/victorialogs"
)

// Set by -ldflags.
var version, commitHash, buildTime string

func main() {
	service.Main("logs", service.Build{Version: version, Commit: commitHash, Time: buildTime}, defaults, wire)
}

func wire(ctx context.Context, cfg Config, s *service.Server) error {
	backend, err := openBackend(ctx, cfg, s)
	if err != nil {
		return err
	}
	if err := watchRevocations(cfg, s); err != nil {
		return err
	}
	logsv1.RegisterLogsServiceServer(s.GRPC(), server.New(server.Parts{
		Backend: backend, Compressed: cfg.Backend.Compression,
		Limits:  cfg.Logs.limits(),
		Observe: s.Telemetry.Query,
		Now:     time.Now, Draining: s.Draining(),
	}))
	return nil
}

func openBackend(ctx context.Context, cfg Config, s *service.Server) (*victorialogs.Client, error) {
	pool, err := s.OpenBackend(ctx, cfg.Backend.pool())
	if err != nil {
		return nil, err
	}
	client := victorialogs.New(pool)
	s.Check("victoria_logs", false, client.Health)
	return client, nil
}

// watchRevocations ends access tokens of callers that come without the gateway.
func watchRevocations(cfg Config, s *service.Server) error {
	conn, err := events.Connect(cfg.NATS, "logs", s.Log, s.Telemetry.Registry)
	if err != nil {
		return fmt.Errorf("open events: %w", err)
	}
	s.OnClose("nats", conn.Close)
	s.WatchRevocations(events.NewRevocations(conn, cfg.JWT.Lifetime+time.Hour, events.MaxRevocations))
	return nil
}
