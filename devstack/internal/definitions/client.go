package definitions

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Client speaks to the gateway as one user.
type Client struct {
	base  string
	token string
	http  *http.Client
}

// NewClient calls the gateway at base with an access token.
func NewClient(base, token string) *Client {
	return &Client{base: base, token: token, http: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{}}}
}

// Close gives the connections back.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Define writes those of the definitions that are not there yet and tells how
// many that were.
func (c *Client) Define(ctx context.Context, metrics []Metric) (written int, err error) {
	for _, metric := range metrics {
		known, err := c.known(ctx, metric.Metric)
		if err != nil {
			return written, err
		}
		if known {
			continue
		}
		if err := c.upsert(ctx, metric); err != nil {
			return written, err
		}
		written++
	}
	return written, nil
}

func (c *Client) known(ctx context.Context, metric string) (bool, error) {
	status, text, err := c.patient(ctx, "/api/v1/schema/metrics/"+url.PathEscape(metric))
	if err != nil {
		return false, err
	}
	switch status {
	case http.StatusOK:
		return true, nil
	case http.StatusNotFound:
		return false, nil
	}
	return false, fmt.Errorf("look up definition of %s: gateway answered %d: %s", metric, status, text)
}

const (
	// patience tries of a look-up, each after a pause: a gateway that started
	// before the schema service finds it at its next attempt to connect only.
	patience = 50
	pause    = 100 * time.Millisecond
)

func (c *Client) patient(ctx context.Context, path string) (status int, text string, err error) {
	for range patience {
		status, text, err = c.call(ctx, http.MethodGet, path, nil)
		if err != nil || status != http.StatusServiceUnavailable {
			return status, text, err
		}
		select {
		case <-ctx.Done():
			return 0, "", fmt.Errorf("wait for the gateway: %w", ctx.Err())
		case <-time.After(pause):
		}
	}
	return status, text, err
}

func (c *Client) upsert(ctx context.Context, metric Metric) error {
	body, err := json.Marshal(metric)
	if err != nil {
		return fmt.Errorf("encode definition of %s: %w", metric.Metric, err)
	}
	status, text, err := c.call(ctx, http.MethodPost, "/api/v1/schema/metrics", body)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("define %s: gateway answered %d: %s", metric.Metric, status, text)
	}
	return err
}

func (c *Client) call(ctx context.Context, method, path string, body []byte) (status int, text string, err error) {
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, "", fmt.Errorf("build request: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return 0, "", fmt.Errorf("call gateway: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	got, err := io.ReadAll(io.LimitReader(answer.Body, 4<<10))
	if err != nil {
		return 0, "", fmt.Errorf("read gateway's answer: %w", err)
	}
	return answer.StatusCode, string(got), nil
}
