package signal

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/vmimport"
)

// Options says where to write and who writes.
type Options struct {
	// Endpoint is a base URL.
	Endpoint string
	// Username and Password for basic auth; an empty name sends none.
	Username, Password string
	// Timeout of one request; 0 means 30 s.
	Timeout time.Duration
}

// poster posts to one back end.
type poster struct {
	name    string
	options Options
	http    *http.Client
}

func newPoster(name string, o Options) *poster {
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	o.Endpoint = strings.TrimRight(o.Endpoint, "/")
	return &poster{name: name, options: o, http: &http.Client{Timeout: o.Timeout,
		Transport: &http.Transport{MaxIdleConnsPerHost: 2, IdleConnTimeout: 30 * time.Second}}}
}

func (c *poster) close() { c.http.CloseIdleConnections() }

// post sends a body unless it is empty. The error names the answer of a back
// end that refuses.
func (c *poster) post(ctx context.Context, path, contentType string, tenant vmimport.Tenant, body []byte) error {
	if len(body) == 0 {
		return nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.options.Endpoint+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("build insert request: %w", err)
	}
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("AccountID", strconv.FormatUint(uint64(tenant.Account), 10))
	request.Header.Set("ProjectID", strconv.FormatUint(uint64(tenant.Project), 10))
	if c.options.Username != "" {
		request.SetBasicAuth(c.options.Username, c.options.Password)
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("write to %s back end: %w", c.name, err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 4<<10))
	if err != nil {
		return fmt.Errorf("read the %s back end's answer: %w", c.name, err)
	}
	if answer.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s back end answered %d: %.200s", c.name, answer.StatusCode, strings.TrimSpace(string(text)))
	}
	return nil
}
