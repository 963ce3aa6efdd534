// Query answers metric queries: MetricsQL in, samples with the definitions of
// their metrics and labels out, for the tenant of the caller's identity.
package main

import (
	"context"
	"fmt"
	"time"

	"github.com/platformbuilds/mirador-core/libs/cache"
	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/libs/service"
	queryv1 "github.com/platformbuilds/mirador-core/proto/gen/query/v1"
	"github.com/platformbuilds/mirador-core/services/query/internal/definitions"
	"github.com/platformbuilds/mirador-core/services/query/internal/execution"
	"github.com/platformbuilds/mirador-core/services/query/internal/relay"
	"github.com/platformbuilds/mirador-core/services/query/internal/resultcache"
	"github.com/platformbuilds/mirador-core/services/query/internal/schemaclient"
	"github.com/platformbuilds/mirador-core/services/query/internal/server"
	"github.com/platformbuilds/mirador-core/services/query/internal/victoriametrics"
)

// Set by -ldflags.
var version, commitHash, buildTime string

const (
	// maxTenants bounds what is watched into memory.
	maxTenants = 10_000
	// staleAfter is how old the watch of epochs may be, and how long
	// definitions are remembered.
	staleAfter = 30 * time.Second
	// lookupTimeout bounds a lookup of definitions: an answer waits for it.
	lookupTimeout = 2 * time.Second
)

func main() {
	service.Main("query", service.Build{Version: version, Commit: commitHash, Time: buildTime}, defaults, wire)
}

// wire builds the service: back end, cache, definitions, then what joins them.
func wire(ctx context.Context, cfg Config, s *service.Server) error {
	backend, err := openBackend(ctx, cfg, s)
	if err != nil {
		return err
	}
	epochs, err := openEvents(cfg, s)
	if err != nil {
		return err
	}
	stale := func() bool { return epochs.Age() > staleAfter }
	conn, err := s.Dial("schema", cfg.SchemaEndpoint, nil)
	if err != nil {
		return err
	}
	s.Check("schema", false, conn.Ready)
	run := execution.New(execution.Parts{
		Backend: backend,
		Relay:   relay.New(),
		Cache:   openCache(cfg, s, stale),
		Book:    definitions.NewBook(schemaclient.New(conn), lookupTimeout, staleAfter, time.Now),
		Epochs:  epochs,
		Limits:  cfg.limits(),
		Observe: s.Telemetry.Query,
		Stale:   stale,
		Timeout: cfg.Query.Timeout, ClosedTTL: cfg.Cache.TTL, Now: time.Now,
	})
	queryv1.RegisterQueryServiceServer(s.GRPC(), server.New(run))
	return nil
}

func openBackend(ctx context.Context, cfg Config, s *service.Server) (*victoriametrics.Client, error) {
	pool, err := s.OpenBackend(ctx, cfg.Metrics.pool())
	if err != nil {
		return nil, err
	}
	client := victoriametrics.New(pool, cfg.Metrics.client())
	s.Check("victoria_metrics", false, client.Health)
	return client, nil
}

// openCache opens the shared result cache. While nobody tells that definitions
// changed (stale), answers with old ones may live for staleAfter only.
func openCache(cfg Config, s *service.Server, stale func() bool) *resultcache.Cache {
	valkey := cache.Open(cfg.Cache, s.Log, s.Telemetry)
	s.OnClose("valkey", func(context.Context) error { valkey.Close(); return nil })
	s.Check("valkey", false, valkey.Ping)
	answers := resultcache.New(valkey, resultcache.Options{MaxEntry: cfg.Query.CacheEntry, Cheap: cfg.Query.CheapAnswer, MaxTTL: func() time.Duration {
		if stale() {
			return staleAfter
		}
		return 0
	}})
	s.OnClose("result cache", func(context.Context) error { answers.Close(); return nil })
	return answers
}

// openEvents watches the epochs of definitions, and the revocations of access
// tokens for callers that come without the gateway.
func openEvents(cfg Config, s *service.Server) (*events.EpochWatch, error) {
	conn, err := events.Connect(cfg.NATS, "query", s.Log, s.Telemetry.Registry)
	if err != nil {
		return nil, fmt.Errorf("open events: %w", err)
	}
	s.OnClose("nats", conn.Close)
	epochs := events.NewEpochWatch(conn, maxTenants)
	s.Go("epochs", epochs.Run)
	s.Check("definitions", false, epochs.Check(staleAfter))
	s.WatchRevocations(events.NewRevocations(conn, cfg.JWT.Lifetime+time.Hour, events.MaxRevocations))
	return epochs, nil
}
