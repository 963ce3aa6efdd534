package service

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/platformbuilds/mirador-core/libs/upstream"
)

func TestOpenBackend(t *testing.T) {
	peer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "pong") }))
	defer peer.Close()
	var pool *upstream.Pool
	p, _, _ := program(func(ctx context.Context, _ testConfig, s *Server) (err error) {
		pool, err = s.OpenBackend(ctx, upstream.Config{Name: "test", Endpoints: []string{peer.URL}, Options: upstream.DefaultOptions()})
		return err
	})
	r := run(t, p)
	res, err := pool.Do(t.Context(), upstream.Request{Target: upstream.Target{Path: "/ping"}})
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(res.Body); err != nil || string(body) != "pong" {
		t.Errorf("got %q, %v", body, err)
	}
	if err := res.Body.Close(); err != nil {
		t.Error(err)
	}
	if code, body := r.get(t, "/metrics"); code != 200 || !strings.Contains(body, `="test"`) {
		t.Errorf("the calls of the back end are not counted: %d", code)
	}
	if err := r.stop(); err != nil {
		t.Error(err)
	}
}

func TestOpenBackendRefusesABadConfiguration(t *testing.T) {
	p, _, log := program(func(ctx context.Context, _ testConfig, s *Server) error {
		_, err := s.OpenBackend(ctx, upstream.Config{Name: "test", Options: upstream.DefaultOptions()})
		return err
	})
	if code := p.Exit(context.Background()); code == 0 || !strings.Contains(log.String(), "open test back end") {
		t.Errorf("exit code %d: %s", code, log)
	}
}
