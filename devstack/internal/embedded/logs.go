package embedded

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs"
)

// Logs is the running logs stand-in; its URL is for VL_ENDPOINTS.
type Logs struct {
	*web
	*logs.Server
}

// StartLogs serves on the port; rows are in memory and older ones go.
func StartLogs(port int, retention time.Duration, log *slog.Logger) (*Logs, error) {
	server := logs.New(logs.Options{Retention: retention, Now: time.Now})
	w, err := serve("logs", port, server, log)
	if err != nil {
		return nil, errors.Join(err, server.Close())
	}
	return &Logs{web: w, Server: server}, nil
}

// Close ends requests, then the rows.
func (l *Logs) Close(ctx context.Context) error {
	return errors.Join(l.close(ctx), l.Server.Close())
}
