// Gateway is Mirador's only door: it authenticates, limits and authorises every
// request by one table of routes and passes it on to the services over gRPC.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/platformbuilds/mirador-core/gateway/internal/access"
	"github.com/platformbuilds/mirador-core/gateway/internal/account"
	"github.com/platformbuilds/mirador-core/gateway/internal/bulk"
	"github.com/platformbuilds/mirador-core/gateway/internal/edge"
	"github.com/platformbuilds/mirador-core/gateway/internal/limit"
	"github.com/platformbuilds/mirador-core/gateway/internal/login"
	"github.com/platformbuilds/mirador-core/gateway/internal/openapi"
	"github.com/platformbuilds/mirador-core/gateway/internal/route"
	"github.com/platformbuilds/mirador-core/libs/cache"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/service"
)

// Set by -ldflags.
var version, commitHash, buildTime string

func main() {
	hashPassword(os.Args[1:])
	service.Main("gateway", service.Build{Version: version, Commit: commitHash, Time: buildTime}, defaults, wire)
}

// wire builds the gateway from the outside in: what it talks to, what guards
// it, what it serves.
func wire(ctx context.Context, cfg Config, s *service.Server) error {
	table, err := route.Load(protoregistry.GlobalFiles)
	if err != nil {
		return err
	}
	valkey := cache.Open(cfg.Cache, s.Log, s.Telemetry)
	s.OnClose("valkey", func(context.Context) error { valkey.Close(); return nil })
	bus, err := openEvents(cfg, s)
	if err != nil {
		return err
	}
	guard, err := newGuard(cfg, s, valkey, bus)
	if err != nil {
		return err
	}
	behind, err := dial(ctx, cfg, s, valkey, bus)
	if err != nil {
		return err
	}
	documents, err := openapi.New(cfg.OpenAPIPath, builtAt())
	if err != nil {
		return err
	}
	e, err := edge.New(cfg.HTTP, cfg.CORS, edge.Parts{
		Log: s.Log, Telemetry: s.Telemetry, Table: table,
		Login: guard.login, Limit: guard.limit, Access: guard.access,
		Query: behind.query, Streamed: behind.streamed, Transcoder: behind.transcoder,
		Live: behind.live, Health: s, Documents: documents,
		Files: bulk.New(behind.conns["schema"], bus.epochs), UploadBytes: cfg.Uploads.Bytes(),
	})
	if err != nil {
		return fmt.Errorf("build edge: %w", err)
	}
	check(s, valkey, bus, behind)
	s.Go("sessions", func(ctx context.Context) error { return guard.login.CountSessions(ctx, s.Telemetry.Sessions) })
	service.OnReload(s, func(c Config) {
		e.SetCORS(c.CORS)
		guard.limit.Update(c.Limits)
	})
	return s.Listen("http", cfg.Listen, e.Serve, e.Shutdown)
}

// builtAt is the time that examples in the documents show.
func builtAt() time.Time {
	if at, err := time.Parse(time.RFC3339, buildTime); err == nil {
		return at
	}
	return time.Now()
}

// guard is what a request must pass.
type guard struct {
	login  *login.Service
	limit  *limit.Limiter
	access *access.Table
}

func newGuard(cfg Config, s *service.Server, store cache.Store, bus *bus) (*guard, error) {
	tenants, err := account.NewTenants(cfg.TenantLimits)
	if err != nil {
		return nil, err
	}
	users, err := account.NewUsers(cfg.Auth.Users, tenants)
	if err != nil {
		return nil, err
	}
	signer, err := newSigner(cfg, s)
	if err != nil {
		return nil, err
	}
	tokens, err := identity.NewTokens(cfg.Auth.Tokens(), time.Now)
	if err != nil {
		return nil, fmt.Errorf("auth.jwt: %w", err)
	}
	rights := access.New(cfg.Auth.RBAC)
	l, err := login.New(cfg.Auth, login.Parts{Users: users, Tenants: tenants, Rights: rights, Tokens: tokens, Signer: signer,
		Store: store, Revocations: bus.revocations, Log: s.Log})
	if err != nil {
		return nil, fmt.Errorf("build login: %w", err)
	}
	return &guard{l, limit.New(cfg.Limits, store, tenants, s.Log, s.Telemetry.Registry, time.Now), rights}, nil
}
