// Logs answers log queries: LogsQL in, rows, counts and patterns out, for the
// tenant of the caller's identity. See README.md.
package main

import (
	"context"
	"fmt"
	"time"

	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/service"
	"github.com/platformbuilds/mirador-core/libs/upstream"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
	"github.com/platformbuilds/mirador-core/services/logs/internal/server"
	"github.com/platformbuilds/mirador-core/services/logs/internal/victorialogs"
)

// Set by -ldflags.
var version, commitHash, buildTime string

const (
	// maxRevocations bounds what is watched into memory.
	maxRevocations = 200_000
	// staleAfter is how old the watch of revocations may be.
	staleAfter = 30 * time.Second
)

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
	deps := upstream.Deps{Log: s.Log, Registerer: s.Telemetry.Registry, Propagate: s.Telemetry.Inject}
	pool, err := upstream.New(ctx, cfg.Backend.pool(), deps)
	if err != nil {
		return nil, fmt.Errorf("open logs back end: %w", err)
	}
	s.Go("logs back end", pool.Run)
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
	revocations := events.NewRevocations(conn, cfg.JWT.Lifetime+time.Hour, maxRevocations)
	s.Go("revocations", revocations.Run)
	s.Check("revocations", false, revocations.Check(staleAfter))
	s.Revoked(func(c *identity.Claims) bool {
		return revocations.Revoked(c.Session, c.Tenant, c.Subject, c.IssuedAt.Time)
	})
	return nil
}
