// The schema service keeps what metrics and labels mean, per tenant and in
// versions. See README.md.
package main

import (
	"context"

	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/libs/service"
	schemav1 "github.com/platformbuilds/mirador-core/proto/gen/schema/v1"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
	"github.com/platformbuilds/mirador-core/services/schema/internal/jetstream"
	"github.com/platformbuilds/mirador-core/services/schema/internal/server"
)

// Injected by the linker.
var version, commitHash, buildTime string

func main() {
	service.Main("schema", service.Build{Version: version, Commit: commitHash, Time: buildTime}, defaults, wire)
}

func wire(_ context.Context, cfg Config, s *service.Server) error {
	conn, err := events.Connect(cfg.NATS, "schema", s.Log, s.Telemetry.Registry)
	if err != nil {
		return err
	}
	s.OnClose("nats", conn.Close)
	s.Check("nats", false, conn.Check)

	epochs := events.NewEpochWatch(conn, cfg.maxTenants())
	s.Go("epochs", epochs.Run)
	store := jetstream.New(conn, epochs, s.Log, cfg.Schema.MaxDefinitions)
	s.Go("definitions", store.Run)
	s.Check("definitions", true, store.Check)

	schemav1.RegisterSchemaServiceServer(s.GRPC(), server.New(definition.NewRegistry(store)))
	return nil
}
