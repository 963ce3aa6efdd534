package service

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// reachable turns an address to listen at into one to call.
func reachable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return listen
}

func askURL(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("healthcheck: %w", err)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("healthcheck: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	return fmt.Errorf("healthcheck: %s: %s", resp.Status, body)
}

// healthTimeout bounds the healthcheck command.
const healthTimeout = 5 * time.Second

// healthcheck asks the process that runs with the same configuration.
func healthcheck(ctx context.Context, c Config, alive bool) error {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	path := "/readyz"
	if alive {
		path = "/livez"
	}
	return askURL(ctx, "http://"+reachable(c.MetricsListen)+path)
}
