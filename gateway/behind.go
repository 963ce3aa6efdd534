package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/platformbuilds/mirador-core/gateway/internal/live"
	"github.com/platformbuilds/mirador-core/gateway/internal/relay"
	"github.com/platformbuilds/mirador-core/gateway/internal/transcode"
	"github.com/platformbuilds/mirador-core/gateway/internal/transcode/hot"
	"github.com/platformbuilds/mirador-core/gateway/internal/transcode/streamed"
	"github.com/platformbuilds/mirador-core/libs/cache"
	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	"github.com/platformbuilds/mirador-core/libs/service"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
)

const (
	// maxTenants and maxRevocations bound what is watched into memory.
	maxTenants     = 10_000
	maxRevocations = 100_000
	// staleAfter is how old a watch may be before it counts as degraded.
	staleAfter = 30 * time.Second
	// staleTTL is how long definitions may live while their watch is down.
	staleTTL = 30 * time.Second
)

// bus is what the gateway hears from NATS.
type bus struct {
	conn        *events.Conn
	epochs      *events.EpochWatch
	revocations *events.Revocations
}

func openEvents(cfg Config, s *service.Server) (*bus, error) {
	conn, err := events.Connect(cfg.NATS, "gateway", s.Log, s.Telemetry.Registry)
	if err != nil {
		return nil, err
	}
	s.OnClose("nats", conn.Close)
	b := &bus{conn, events.NewEpochWatch(conn, maxTenants), events.NewRevocations(conn, cfg.Auth.KeepRevocations(), maxRevocations)}
	s.Go("epochs", b.epochs.Run)
	s.Go("revocations", b.revocations.Run)
	return b, nil
}

// services are the clients of what stands behind the gateway.
type services struct {
	conns map[string]*rpc.Client

	query      *hot.Source
	streamed   *streamed.Source
	transcoder *transcode.Transcoder
	live       *live.Hub
}

// endpoints of the services, by their names.
func endpoints(cfg Config) map[string]string {
	return map[string]string{"query": cfg.Query.Endpoint, "logs": cfg.Logs.Endpoint, "traces": cfg.Traces.Endpoint, "schema": cfg.Schema.Endpoint}
}

func dial(ctx context.Context, cfg Config, s *service.Server, store cache.Store, b *bus) (*services, error) {
	behind, packages := &services{conns: map[string]*rpc.Client{}}, streamed.Conns{}
	for name, endpoint := range endpoints(cfg) {
		conn, err := s.Dial(name, endpoint, nil)
		if err != nil {
			return nil, err
		}
		behind.conns[name], packages["mirador."+name+".v1"] = conn, conn
	}
	r := relay.New(relay.Options{MaxBytes: cfg.ResultCache.MaxBytes, Healthy: store.Healthy, Observe: s.Telemetry.Cache,
		MaxTTL: func() time.Duration {
			if b.epochs.Age() > staleAfter {
				return staleTTL
			}
			return 0
		}})
	c := behind.conns
	t, err := transcode.New(ctx, transcode.Conns{Query: c["query"], Logs: c["logs"], Traces: c["traces"], Schema: c["schema"]}, b.epochs)
	if err != nil {
		return nil, err
	}
	behind.live = live.New(cfg.Live, live.Parts{Log: s.Log, Telemetry: s.Telemetry, Logs: logsv1.NewLogsServiceClient(c["logs"]),
		CallTimeout: cfg.HTTP.StreamTimeout})
	behind.query, behind.streamed, behind.transcoder = hot.New(c["query"], r, b.epochs), streamed.New(packages, r, b.epochs), t
	return behind, nil
}

// check registers what readiness looks at. Only the query service is critical.
func check(s *service.Server, store *cache.Valkey, b *bus, behind *services) {
	for _, name := range []string{"query", "logs", "traces", "schema"} {
		s.Check(name, name == "query", away(behind.conns[name].Ready))
	}
	s.Check("valkey", false, here(store))
	s.Check("nats", false, away(b.conn.Check))
	s.Check("revocations", false, away(b.revocations.Check(staleAfter)))
	s.Check("definitions", false, away(b.epochs.Check(staleAfter)))
	s.Check("victoria_metrics", false, away(serving(behind.conns["query"], "victoria_metrics")))
	s.Check("victoria_logs", false, away(serving(behind.conns["logs"], "victoria_logs")))
	s.Check("victoria_traces", false, away(serving(behind.conns["traces"], "victoria_traces")))
}

// away replaces the error of a part: it may hold an address.
func away(check func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		if check(ctx) != nil {
			return errors.New("not reachable")
		}
		return nil
	}
}

// here asks what the result cache and the limits go by, so that readiness never
// says something else than they do.
func here(store cache.Store) func(context.Context) error {
	return func(context.Context) error {
		if !store.Healthy() {
			return errors.New("not reachable")
		}
		return nil
	}
}

// serving asks a service for the health of one of its back ends.
func serving(conn grpc.ClientConnInterface, part string) func(context.Context) error {
	client := grpc_health_v1.NewHealthClient(conn)
	return func(ctx context.Context) error {
		answer, err := client.Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: part})
		if err != nil {
			return fmt.Errorf("ask for health of %s: %w", part, err)
		}
		if answer.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
			return fmt.Errorf("%s is %s", part, answer.GetStatus())
		}
		return nil
	}
}

// newSigner uses the configured key. Without one, outside production, it makes
// a key for this run and logs its public half: services cannot know it, but a
// gateway alone can be looked at.
func newSigner(cfg Config, s *service.Server) (*identity.Signer, error) {
	key, err := cfg.Identity.Private()
	if err != nil {
		return nil, err
	}
	if key == nil && cfg.Production() {
		return nil, errors.New("identity.private_key is required: set IDENTITY_PRIVATE_KEY_FILE")
	}
	if key == nil {
		if _, key, err = ed25519.GenerateKey(rand.Reader); err != nil {
			return nil, fmt.Errorf("make identity key: %w", err)
		}
		public, _ := key.Public().(ed25519.PublicKey)
		s.Log.Warn("no identity.private_key, made one for this run", "public_key", base64.StdEncoding.EncodeToString(public))
	}
	return identity.NewSigner(key, time.Now), nil
}
