// Package victoriatraces asks VictoriaTraces, or anything else that speaks
// Jaeger's query API below /select/jaeger, on behalf of one tenant. It builds
// every request from nothing and makes honest faults of refusals; what a trace
// means is not its business.
package victoriatraces

import (
	"context"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/upstream"
)

const (
	jaeger = "/select/jaeger/api/"
	logsql = "/select/logsql/"
)

// Pool is the part of upstream.Pool that the client needs.
type Pool interface {
	Do(ctx context.Context, r upstream.Request) (*upstream.Response, error)
}

// Client is safe for concurrent use.
type Client struct {
	pool     Pool
	features *features
}

// New returns a client. now is the clock, time.Now in production.
func New(pool Pool, now func() time.Time) *Client {
	return &Client{pool: pool, features: newFeatures(now)}
}

// Health asks any endpoint whether it lives. Any answer below 500 will do:
// Jaeger has no page for this.
func (c *Client) Health(ctx context.Context) error {
	res, err := c.pool.Do(ctx, upstream.Request{Method: http.MethodGet, Target: upstream.Target{Path: "/health"}, Idempotent: true})
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// get asks for a path and gives the body of an answer with status 200, which
// must be closed; anything else is a fault, or a refusal of feature.
func (c *Client) get(ctx context.Context, id *identity.Identity, path string, query url.Values) (io.ReadCloser, error) {
	res, err := c.pool.Do(ctx, upstream.Request{
		Method: http.MethodGet, Target: upstream.Target{Path: path, Query: query.Encode()},
		Header: tenant(id), Idempotent: true,
	})
	if err != nil {
		return nil, err
	}
	if res.Status != http.StatusOK {
		defer res.Body.Close()
		return nil, readRefusal(res)
	}
	if !isJSON(res.Header) {
		res.Body.Close()
		return nil, fault.New(fault.CodeBackendFailed, msgFailed).WithDetail("its answer is not JSON")
	}
	return res.Body, nil
}

// tenant is sent with every call: without it a call would be answered from the
// data of tenant 0:0.
func tenant(id *identity.Identity) http.Header {
	return http.Header{
		"Accountid": {strconv.FormatUint(uint64(id.Account), 10)},
		"Projectid": {strconv.FormatUint(uint64(id.Project), 10)},
	}
}

// isJSON tells an answer of the API from a page of something else.
func isJSON(h http.Header) bool {
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && (kind == "application/json" || kind == "application/stream+json" || kind == "application/x-ndjson")
}
