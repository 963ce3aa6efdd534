package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics"
)

// Metrics is the running metrics stand-in; its URL is for VM_ENDPOINTS.
type Metrics struct {
	*web
	store *metrics.Server
}

// StartMetrics serves on the port and keeps its samples below dir.
func StartMetrics(dir string, port int, log *slog.Logger) (*Metrics, error) {
	store, err := metrics.New(metrics.Options{Dir: dir, Now: time.Now, Log: log})
	if err != nil {
		return nil, fmt.Errorf("open metrics stand-in: %w", err)
	}
	w, err := serve("metrics", port, store.Handler(), log)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return &Metrics{web: w, store: store}, nil
}

// Close ends requests, then the store.
func (m *Metrics) Close(ctx context.Context) error {
	return errors.Join(m.close(ctx), m.store.Close())
}
