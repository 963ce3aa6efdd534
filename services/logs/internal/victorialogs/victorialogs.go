// Package victorialogs asks VictoriaLogs. Every request is built from nothing
// for the identity of the context: its tenant goes into the headers AccountID
// and ProjectID, its scope into a filter of its own, and nothing that a client
// sent passes but the text of the query.
package victorialogs

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/upstream"
	"github.com/platformbuilds/mirador-core/services/logs/internal/logsql"
)

const (
	prefix = "/select/logsql/"
	// longForm is the size from which parameters travel in the body: proxies
	// bound the length of a URL.
	longForm = 4 << 10
	// maxAnswer bounds answers that are read whole, in bytes.
	maxAnswer = 64 << 20
)

// Query asks for the rows that match.
type Query struct {
	// Text of the query in LogsQL.
	Text string
	// Asked is the part that the caller wrote, when Text has more: positions of
	// faults count from it.
	Asked string
	// Start and End of the window, both inclusive; zero means open. The back end
	// widens an End in whole seconds to the whole second, unless Exact.
	Start, End time.Time
	// Exact takes an End in whole seconds at its word.
	Exact bool
	// Limit keeps that many of the newest rows; 0 means all.
	Limit int
}

// Client of a back end. It is safe for concurrent use.
type Client struct {
	pool *upstream.Pool
}

// New returns a client over the pool.
func New(pool *upstream.Pool) *Client { return &Client{pool: pool} }

// Health asks an endpoint whether it is alive.
func (c *Client) Health(ctx context.Context) error { return c.pool.Check(ctx) }

// Query gives the matching rows as the back end sends them: in no order. The
// rows must be closed.
func (c *Client) Query(ctx context.Context, q Query) (*Rows, error) {
	return c.stream(ctx, "query", q, q.values())
}

// values of the request, as recorded: times in RFC 3339.
func (q Query) values() url.Values {
	text := q.Text
	if q.Exact && !q.End.IsZero() && q.End.Nanosecond() == 0 {
		text = logsql.And(text, logsql.Between(q.Start, q.End))
	}
	v := url.Values{"query": {text}}
	if !q.Start.IsZero() {
		v.Set("start", stamp(q.Start))
	}
	if !q.End.IsZero() {
		v.Set("end", stamp(q.End))
	}
	if q.Limit > 0 {
		v.Set("limit", strconv.Itoa(q.Limit))
	}
	return v
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// do asks as the identity of the context. The answer has status 200.
func (c *Client) do(ctx context.Context, endpoint string, q Query, v url.Values) (*upstream.Response, error) {
	header, filter, err := tenancy(ctx)
	if err != nil {
		return nil, err
	}
	if filter != "" {
		v.Set("extra_stream_filters", filter)
	}
	r := upstream.Request{Method: http.MethodGet, Header: header, Idempotent: true, Target: upstream.Target{Path: prefix + endpoint, Query: v.Encode()}}
	if len(r.Query) > longForm {
		r.Method = http.MethodPost
		header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Query, r.Body = "", []byte(r.Query)
	}
	res, err := c.pool.Do(ctx, r)
	if err != nil {
		return nil, err
	}
	if res.Status != http.StatusOK {
		defer res.Body.Close()
		return nil, refusal(res, q, v.Get("query"), filter)
	}
	return res, nil
}

// tenancy gives what holds a call to its caller.
func tenancy(ctx context.Context) (http.Header, string, error) {
	id, err := identity.Require(ctx)
	if err != nil {
		return nil, "", err
	}
	filter, err := scopeFilter(id.Scope)
	if err != nil {
		return nil, "", fault.New(fault.CodeAccessDenied, "Access denied: invalid role scope").
			WithDetail("a role of yours has a scope that cannot be enforced; ask an administrator").Wrap(err)
	}
	h := http.Header{}
	h["AccountID"] = []string{strconv.FormatUint(uint64(id.Account), 10)}
	h["ProjectID"] = []string{strconv.FormatUint(uint64(id.Project), 10)}
	return h, filter, nil
}
