package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// openDebug serves metrics and health from the first moment on: a service that
// is still wiring lives, and is not ready.
func (s *Server) openDebug() error {
	server := &http.Server{
		Handler:           s.debugRoutes(),
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		// A CPU profile takes 30 seconds by default.
		WriteTimeout: time.Minute, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
	}
	lis, err := net.Listen("tcp", s.config.MetricsListen)
	if err != nil {
		return fmt.Errorf("listen for metrics: %w", err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(lis) // ends with Shutdown below
	}()
	s.debug = &listener{name: "metrics", lis: lis, stop: func(ctx context.Context) error {
		defer func() { <-served }()
		return errors.Join(server.Shutdown(ctx), server.Close())
	}}
	return nil
}

func (s *Server) debugRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("ok\n"))
	})
	mux.HandleFunc("GET /readyz", s.readyz)
	m := s.config.Monitoring
	if m.Enabled && m.PrometheusEnabled {
		mux.Handle("GET "+m.MetricsPath, s.metrics())
	}
	if s.config.Debug.Enabled {
		mux.HandleFunc("/debug/pprof/", pprof.Index)
		mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	}
	return mux
}

func (s *Server) metrics() http.Handler {
	return promhttp.HandlerFor(s.Telemetry.Registry, promhttp.HandlerOpts{
		MaxRequestsInFlight: 4, Timeout: 10 * time.Second, EnableOpenMetrics: true})
}

// readyz answers 200 or 503; ?verbose lists the parts.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	readiness := s.Readiness(r.Context())
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !readiness.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	var body any = map[string]string{"status": readiness.Status}
	if r.URL.Query().Has("verbose") {
		body = readiness
	}
	_ = json.NewEncoder(w).Encode(body)
}
