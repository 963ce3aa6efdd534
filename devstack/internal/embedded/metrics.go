package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/metrics"
)

// Metrics is the running metrics stand-in.
type Metrics struct {
	store  *metrics.Server
	server *http.Server
	url    string
	done   sync.WaitGroup
}

// StartMetrics serves on the port and keeps its samples below dir.
func StartMetrics(dir string, port int, log *slog.Logger) (*Metrics, error) {
	store, err := metrics.New(metrics.Options{Dir: dir, Now: time.Now, Log: log})
	if err != nil {
		return nil, fmt.Errorf("open metrics stand-in: %w", err)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(Loopback, strconv.Itoa(port)))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start metrics stand-in: %w", err), store.Close())
	}
	m := &Metrics{store: store, url: "http://" + listener.Addr().String()}
	m.server = &http.Server{Handler: store.Handler(), ReadHeaderTimeout: 10 * time.Second}
	m.done.Go(func() {
		if err := m.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("metrics stand-in ended", "error", err)
		}
	})
	return m, nil
}

// URL is the endpoint for VM_ENDPOINTS.
func (m *Metrics) URL() string { return m.url }

// Close ends requests, then the store.
func (m *Metrics) Close(ctx context.Context) error {
	err := m.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, m.server.Close())
	}
	m.done.Wait()
	return errors.Join(err, m.store.Close())
}
