package victoriametrics

import (
	"context"
	"net/http"
	"net/url"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/upstream"
	"github.com/platformbuilds/mirador-core/services/query/internal/read"
)

// longForm is the size from which parameters travel in the body: proxies bound
// the length of a URL.
const longForm = 4 << 10

// attempt is one request on its way.
type attempt struct {
	client   *Client
	held     map[Mode]tenancy
	endpoint string
	values   url.Values
	// long parameters travel in the body.
	long bool
	// used is the mode that each endpoint was asked in.
	used map[string]Mode
	// path keeps to the tenant's path: the answer is filtered by nothing else.
	path bool
	// force asks the endpoint in this mode, once it is known to be of the other.
	force map[string]Mode
}

func (a *attempt) run(ctx context.Context, r read.Request) (*upstream.Response, error) {
	res, refused, err := a.send(ctx, "")
	if refused != nil && refused.unknownPath() {
		if _, ok := r.(read.Metadata); ok {
			return nil, read.ErrUnfiltered
		}
		if a.client.modes.may() {
			a.force = map[string]Mode{refused.endpoint: a.used[refused.endpoint].other()}
			res, refused, err = a.send(ctx, refused.endpoint)
		}
	}
	if err != nil {
		return nil, err
	}
	if refused != nil {
		if !refused.unknownPath() {
			a.client.modes.learn(refused.endpoint, a.used[refused.endpoint])
		}
		return nil, refused.fault(a.about(r, refused.endpoint))
	}
	a.client.modes.learn(res.Endpoint, a.used[res.Endpoint])
	return res, nil
}

// send makes one call. The refusal is read and closed already.
func (a *attempt) send(ctx context.Context, prefer string) (*upstream.Response, *refusal, error) {
	request := upstream.Request{Method: http.MethodGet, At: a.target, Idempotent: true, Prefer: prefer}
	if a.long {
		request.Method = http.MethodPost
		request.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	}
	res, err := a.client.pool.Do(ctx, request)
	if err != nil {
		return nil, nil, err
	}
	if res.Status != http.StatusOK {
		defer res.Body.Close()
		refused := readRefusal(res)
		return nil, &refused, nil
	}
	if !isJSON(res.Header) {
		res.Body.Close()
		return nil, nil, fault.New(fault.CodeBackendFailed, msgFailed).WithDetail("its answer is not JSON")
	}
	return res, nil, nil
}

// target of the request on one endpoint.
func (a *attempt) target(endpoint string) upstream.Target {
	mode, ok := a.force[endpoint]
	if !ok {
		mode = a.client.modes.of(endpoint)
	}
	if a.path {
		mode = Cluster
	}
	a.used[endpoint] = mode
	held := a.held[mode]
	v := make(url.Values, len(a.values)+1)
	for name, list := range a.values {
		v[name] = list
	}
	held.hold(v)
	encoded := v.Encode()
	t := upstream.Target{Path: held.prefix + a.endpoint, Query: encoded}
	if a.long {
		t.Query, t.Body = "", []byte(encoded)
	}
	return t
}

func (a *attempt) about(r read.Request, endpoint string) call {
	about := call{filter: a.held[a.used[endpoint]].filter}
	switch t := r.(type) {
	case read.Instant:
		about.query = t.Query
	case read.Range:
		about.query = t.Query
	}
	return about
}
