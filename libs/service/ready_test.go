package service

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestReadinessParts(t *testing.T) {
	fail := map[string]error{}
	s := &Server{Name: "query", checks: checks{}}
	for name, critical := range map[string]bool{"store": true, "cache": false} {
		s.Check(name, critical, func(context.Context) error { return fail[name] })
	}
	tests := []struct {
		name, sick, status string
		ready              bool
	}{
		{"all well", "", Healthy, true},
		{"optional part away", "cache", Degraded, true},
		{"critical part away", "store", Unhealthy, false},
		{"healed", "", Healthy, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			clear(fail)
			fail[tt.sick] = errors.New("connection refused")
			s.checks.taken = time.Time{}
			parts := s.checks.examine(context.Background())
			if got := overall(serving, parts); got != tt.status || usable(got) != tt.ready {
				t.Errorf("status %s", got)
			}
			if tt.name == "healed" && (parts[1].Error != "" || parts[1].LastError != "connection refused" || parts[1].LastAt == nil) {
				t.Errorf("part %+v", parts[1])
			}
		})
	}
}

func TestReadinessIsRememberedForAMoment(t *testing.T) {
	var runs int
	s := &Server{}
	s.Check("store", true, func(context.Context) error { runs++; return nil })
	for range 5 {
		s.checks.examine(context.Background())
	}
	if runs != 1 {
		t.Errorf("%d checks for 5 questions", runs)
	}
}

func TestReloadReachesTheService(t *testing.T) {
	file := filepath.Join(t.TempDir(), "c.yaml")
	save := func(content string) {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	save("query: {greeting: one}\n")
	greetings := make(chan string, 8)
	p, _, _ := program(func(_ context.Context, cfg testConfig, s *Server) error {
		greetings <- cfg.Greeting
		OnReload(s, func(c testConfig) { greetings <- c.Greeting })
		return nil
	})
	r := run(t, p, "--config", file)
	save("query: {greeting: two, max_streams: 7}\nlog_level: error\n")
	if a, b := <-greetings, <-greetings; a != "one" || b != "two" {
		t.Errorf("got %q, %q", a, b)
	}
	eventually(t, "told to restart", func() bool { return slices.Equal(r.readiness(t).Config.Restart, []string{"query.max_streams"}) })
	save("query: {greting: three}\n")
	eventually(t, "refused", func() bool { return strings.Contains(r.readiness(t).Config.Error, "greting") })
	if st := r.readiness(t); !st.Ready {
		t.Errorf("a bad file makes the service unready: %+v", st)
	}
	_, metrics := r.get(t, "/metrics")
	for _, want := range []string{`mirador_core_config_reloads_total{status="success"} 1`, `mirador_core_config_reloads_total{status="error"} 1`, "mirador_core_config_validation_errors_total 1"} {
		if !strings.Contains(metrics, want) {
			t.Errorf("metrics lack %q", want)
		}
	}
	if strings.Contains(r.log.String(), `"level":"warn"`) {
		t.Errorf("the log level was not reloaded: %s", r.log)
	}
}
