package launch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/settings"
)

// patience is how long a service may take until it is ready.
const patience = 60 * time.Second

// awaitServices waits until each service says that it is ready, the gateway
// last: it is ready when it reaches the others.
func (s *stack) awaitServices(ctx context.Context) error {
	client := &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for _, one := range services() {
		s.progress.working(one.name, "starting")
		if err := s.await(ctx, client, one); err != nil {
			return err
		}
		s.up(one.part, s.settings.Ports.Addr(one.part)+", metrics on "+s.settings.Ports.Addr(one.metrics))
	}
	return nil
}

func (s *stack) await(ctx context.Context, client *http.Client, one service) error {
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		why := ask(ctx, client, s.readyURL(one))
		if why == nil {
			return nil
		}
		if s.died(one.name) {
			return fmt.Errorf("%s ended while it started; its log %s says:\n%s", one.name, s.logFile(one), tail(s.logFile(one)))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w; its log is %s", one.name, why, s.logFile(one))
		case <-ticker.C:
		}
	}
}

func (s *stack) readyURL(one service) string {
	if one.part == settings.Gateway {
		return s.url() + "/ready"
	}
	return "http://" + s.settings.Ports.Addr(one.metrics) + "/readyz"
}

// died says that a service had to be started again before it was ready once.
func (s *stack) died(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.starts[name] > 1
}

func ask(ctx context.Context, client *http.Client, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 512))
	if err == nil && answer.StatusCode != http.StatusOK {
		err = errors.New(answer.Status + " " + string(bytes.TrimSpace(text)))
	}
	return err
}

// tail is the end of a log, for somebody who wants to know now.
func tail(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-8):], []byte("\n")))
}
