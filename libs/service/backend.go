package service

import (
	"context"
	"fmt"

	"github.com/platformbuilds/mirador-core/libs/upstream"
)

// OpenBackend opens the way to an HTTP back end and looks after its endpoints
// until the service ends. Its calls are counted and traced with the service's
// telemetry.
func (s *Server) OpenBackend(ctx context.Context, cfg upstream.Config) (*upstream.Pool, error) {
	deps := upstream.Deps{Log: s.Log, Registerer: s.Telemetry.Registry, Propagate: s.Telemetry.Inject}
	pool, err := upstream.New(ctx, cfg, deps)
	if err != nil {
		return nil, fmt.Errorf("open %s back end: %w", cfg.Name, err)
	}
	s.Go(cfg.Name+" back end", pool.Run)
	return pool, nil
}
