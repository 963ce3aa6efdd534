// Package victoriametrics asks VictoriaMetrics, single node or cluster, on
// behalf of one tenant. It builds every request from nothing, holds it to the
// tenant and role scope of the caller, and makes honest faults of refusals.
// What an answer's bytes mean is not its business: they stream through.
package victoriametrics

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/platformbuilds/mirador-core/libs/cache"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/upstream"
	"github.com/platformbuilds/mirador-core/services/query/internal/read"
)

// Pool is the part of upstream.Pool that the client needs.
type Pool interface {
	Do(ctx context.Context, r upstream.Request) (*upstream.Response, error)
}

// Options of a Client.
type Options struct {
	// Mode of the back end.
	Mode Mode
	// SingleTenant owns a single node alone: it is not held to tenant labels,
	// and every other tenant is refused. Empty means that tenants share.
	SingleTenant string
	// DenyPartial refuses answers of a cluster that lacks storage nodes.
	DenyPartial bool
}

// Validate names every fault of the options at once.
func (o Options) Validate() error {
	faults := []error{o.Mode.Validate()}
	if o.SingleTenant != "" && o.Mode == Cluster {
		faults = append(faults, errors.New("single_tenant: a cluster keeps its tenants apart itself"))
	}
	return errors.Join(faults...)
}

// Client is safe for concurrent use.
type Client struct {
	pool  Pool
	opts  Options
	modes *modes
	// views are what held gave, by tenant.
	views *cache.Local[map[Mode]tenancy]
}

const (
	// viewBytes bounds the views that are remembered, viewLife how long one is.
	viewBytes = 4 << 20
	viewLife  = time.Hour
)

// New returns a client. A back end with an owner is a single node.
func New(pool Pool, opts Options) *Client {
	if opts.SingleTenant != "" {
		opts.Mode = Single
	}
	return &Client{pool: pool, opts: opts, modes: newModes(opts.Mode),
		views: cache.NewLocal[map[Mode]tenancy](cache.LocalOptions{MaxBytes: viewBytes, Share: 0.25})}
}

// margin lets the deadline here pass before the back end's own, whose fault
// could not be told from a broken one.
const margin = 200 * time.Millisecond

// Read sends the request for the identity and gives the JSON body of an answer
// with status 200, which must be closed. It gives read.ErrUnfiltered where the
// back end cannot hold the request to the caller; everything else is a fault.
func (c *Client) Read(ctx context.Context, id *identity.Identity, r read.Request) (io.ReadCloser, error) {
	res, err := c.do(ctx, id, r)
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

func (c *Client) do(ctx context.Context, id *identity.Identity, r read.Request) (*upstream.Response, error) {
	endpoint, values, err := target(r)
	if err != nil {
		return nil, err
	}
	held, err := c.held(id)
	if err != nil {
		return nil, err
	}
	_, metadata := r.(read.Metadata)
	if metadata && !c.filtersMetadata(held) {
		return nil, read.ErrUnfiltered
	}
	a := attempt{client: c, held: held, endpoint: endpoint, values: c.limited(ctx, values), used: map[string]Mode{}}
	a.path = metadata && c.opts.Mode == Auto
	a.long = long(a.values)
	return a.run(ctx, r)
}

// held is the tenancy in each mode that the back end may have. It follows from
// the identity alone, so it is worked out once; nobody changes it.
func (c *Client) held(id *identity.Identity) (map[Mode]tenancy, error) {
	name := id.TenantPath() + "|" + id.Scope
	if found, ok := c.views.Get(id.Tenant, name); ok {
		return found.Value, nil
	}
	held, err := c.view(id)
	if err == nil {
		c.views.Set(id.Tenant, name, held, int64(2*len(id.Scope)), viewLife)
	}
	return held, err
}

func (c *Client) view(id *identity.Identity) (map[Mode]tenancy, error) {
	list := []Mode{c.opts.Mode}
	if c.opts.Mode == Auto {
		list = []Mode{Cluster, Single}
	}
	held := make(map[Mode]tenancy, len(list))
	for _, mode := range list {
		t, err := c.tenancy(id, mode)
		if err != nil {
			return nil, err
		}
		held[mode] = t
	}
	return held, nil
}

// filtersMetadata is false where metadata of others would show: it is filtered
// by path only.
func (c *Client) filtersMetadata(held map[Mode]tenancy) bool {
	switch c.opts.Mode {
	case Auto:
		return held[Cluster].filter == "" && c.modes.latest() == Cluster
	default:
		return held[c.opts.Mode].filter == ""
	}
}

func (c *Client) limited(ctx context.Context, v url.Values) url.Values {
	if deadline, ok := ctx.Deadline(); ok {
		v.Set("timeout", seconds(time.Until(deadline)+margin))
	}
	if c.opts.DenyPartial {
		v.Set("deny_partial_response", "1")
	}
	return v
}

// Health asks any endpoint whether it lives.
func (c *Client) Health(ctx context.Context) error {
	res, err := c.pool.Do(ctx, upstream.Request{Method: http.MethodGet, Target: upstream.Target{Path: "/health"}, Idempotent: true})
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.Status != http.StatusOK {
		return backendError{status: res.Status, text: "/health"}
	}
	return nil
}
