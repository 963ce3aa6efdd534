package embedded

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/traces"
)

// Traces is the running traces stand-in; its URL is for VT_ENDPOINTS.
type Traces struct {
	*web
	*traces.Server
}

// StartTraces serves on the port; spans are in memory and older ones go.
func StartTraces(port int, retention time.Duration, log *slog.Logger) (*Traces, error) {
	server := traces.New(traces.Options{Retention: retention, Now: time.Now})
	w, err := serve("traces", port, server, log)
	if err != nil {
		return nil, errors.Join(err, server.Close())
	}
	return &Traces{web: w, Server: server}, nil
}

// Close ends requests, then the spans.
func (t *Traces) Close(ctx context.Context) error {
	return errors.Join(t.close(ctx), t.Server.Close())
}
