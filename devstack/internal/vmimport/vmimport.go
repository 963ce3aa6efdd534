// Package vmimport writes Prometheus text to VictoriaMetrics, on the paths of
// a cluster or, where there is none, on those of a single node with the tenant
// as two labels.
package vmimport

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Tenant is an AccountID:ProjectID of VictoriaMetrics.
type Tenant struct {
	Account uint32
	Project uint32
}

// Options says where to write and who writes.
type Options struct {
	// Endpoint is the base URL of vminsert or of a single node.
	Endpoint string
	// Username and Password for basic auth; an empty name sends none.
	Username, Password string
	// Timeout of one request; 0 means 30 s.
	Timeout time.Duration
}

// Client posts to one endpoint. It finds out with the first request whether
// that is a cluster and is safe for concurrent use.
type Client struct {
	options Options
	http    *http.Client
	single  atomic.Bool
}

// New returns a client; it sends nothing yet.
func New(o Options) *Client {
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	o.Endpoint = strings.TrimRight(o.Endpoint, "/")
	return &Client{options: o, http: &http.Client{Timeout: o.Timeout, Transport: &http.Transport{MaxIdleConnsPerHost: 2, IdleConnTimeout: 30 * time.Second}}}
}

// Close gives the idle connections back.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Write imports the text (exposition format, times in milliseconds) for a
// tenant. The error names the answer of a back end that refuses.
func (c *Client) Write(ctx context.Context, tenant Tenant, text []byte) error {
	body, err := squeeze(text)
	if err != nil {
		return err
	}
	if !c.single.Load() {
		err = c.post(ctx, c.clusterURL(tenant), body)
		if !wrongForm(err) {
			return err
		}
		c.single.Store(true)
	}
	return c.post(ctx, c.singleURL(tenant), body)
}

func (c *Client) clusterURL(t Tenant) string {
	path := strconv.FormatUint(uint64(t.Account), 10)
	if t.Project != 0 {
		path += ":" + strconv.FormatUint(uint64(t.Project), 10)
	}
	return c.options.Endpoint + "/insert/" + path + "/prometheus/api/v1/import/prometheus"
}

func (c *Client) singleURL(t Tenant) string {
	labels := url.Values{"extra_label": {
		fmt.Sprintf("vm_account_id=%d", t.Account), fmt.Sprintf("vm_project_id=%d", t.Project),
	}}
	return c.options.Endpoint + "/api/v1/import/prometheus?" + labels.Encode()
}

func (c *Client) post(ctx context.Context, to string, body []byte) error {
	request, err := c.request(ctx, to, body)
	if err != nil {
		return err
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("write to metrics back end: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 4<<10))
	if err != nil {
		return fmt.Errorf("read the metrics back end's answer: %w", err)
	}
	if answer.StatusCode >= http.StatusBadRequest {
		return &refused{status: answer.StatusCode, text: strings.TrimSpace(string(text))}
	}
	return nil
}
