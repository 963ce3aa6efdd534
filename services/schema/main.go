// The schema service keeps what metrics, labels, log fields, services and
// operations mean, per tenant and in versions. See README.md.
package main

import (
	"context"
	"time"

	"github.com/platformbuilds/mirador-core/libs/cache"
	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	"github.com/platformbuilds/mirador-core/libs/service"
	schemav1 "github.com/platformbuilds/mirador-core/proto/gen/schema/v1"
	"github.com/platformbuilds/mirador-core/services/schema/internal/bulk"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
	"github.com/platformbuilds/mirador-core/services/schema/internal/jetstream"
	"github.com/platformbuilds/mirador-core/services/schema/internal/seen"
	"github.com/platformbuilds/mirador-core/services/schema/internal/server"
	"github.com/platformbuilds/mirador-core/services/schema/internal/upload"
	"github.com/platformbuilds/mirador-core/services/schema/internal/weaviate"
)

// Injected by the linker.
var version, commitHash, buildTime string

func main() {
	service.Main("schema", service.Build{Version: version, Commit: commitHash, Time: buildTime}, defaults, wire)
}

// maxRevocations that are watched; with more, none are trusted to be complete.
const maxRevocations = 200_000

func wire(_ context.Context, cfg Config, s *service.Server) error {
	conn, err := events.Connect(cfg.NATS, "schema", s.Log, s.Telemetry.Registry)
	if err != nil {
		return err
	}
	s.OnClose("nats", conn.Close)
	s.Check("nats", false, conn.Check)

	revocations := events.NewRevocations(conn, cfg.JWT.Lifetime+time.Hour, maxRevocations)
	s.Go("revocations", revocations.Run)
	s.Revoked(func(c *identity.Claims) bool {
		return revocations.Revoked(c.Session, c.Tenant, c.Subject, c.IssuedAt.Time)
	})

	epochs := events.NewEpochWatch(conn, cfg.maxTenants())
	s.Go("epochs", epochs.Run)
	store := open(cfg, conn, epochs, s)

	others, err := dial(cfg, s)
	if err != nil {
		return err
	}
	registry := definition.NewRegistry(store)
	schemav1.RegisterSchemaServiceServer(s.GRPC(), server.New(registry, others, uploads(cfg, s, registry), time.Now))
	return nil
}

// open gives the store that the configuration names. Weaviate is never needed
// to be ready: without it, what needs it answers 503.
func open(cfg Config, conn *events.Conn, epochs *events.EpochWatch, s *service.Server) definition.Store {
	if !cfg.Weaviate.Enabled {
		store := jetstream.New(conn, epochs, s.Log, cfg.Schema.MaxDefinitions)
		s.Go("definitions", store.Run)
		s.Check("definitions", true, store.Check)
		return store
	}
	store := weaviate.New(cfg.Weaviate, conn, epochs, s.Log, cfg.Schema.MaxDefinitions)
	s.Go("definitions", store.Run)
	s.Check("definitions", true, store.Check)
	s.Check("weaviate", false, store.CheckWeaviate)
	return store
}

// uploads count in Valkey, which is not needed: without it each replica counts
// for itself.
func uploads(cfg Config, s *service.Server, r *definition.Registry) *upload.Uploads {
	valkey := cache.Open(cfg.Cache, s.Log, s.Telemetry)
	s.OnClose("valkey", func(context.Context) error { valkey.Close(); return nil })
	s.Check("valkey", false, valkey.Ping)
	return upload.New(r, upload.NewQuota(valkey, cfg.Uploads.BulkPerDay, time.Now), bulk.Limits{Bytes: cfg.Uploads.Bytes()})
}

// dial connects to the services that know what was seen. None of them is
// needed: a drift report names those that are away.
func dial(cfg Config, s *service.Server) (*seen.Client, error) {
	var conns [3]*rpc.Client
	for i, peer := range []struct{ name, endpoint string }{
		{"query", cfg.QueryEndpoint}, {"logs", cfg.LogsEndpoint}, {"traces", cfg.TracesEndpoint},
	} {
		c, err := s.Dial(peer.name, peer.endpoint, nil)
		if err != nil {
			return nil, err
		}
		conns[i] = c
	}
	return seen.New(conns[0], conns[1], conns[2]), nil
}
