// Package hot maps the hot routes from HTTP parameters to the streams of the
// query service by hand, so that their bodies pass as bytes. It is the client
// adapter of those streams: nothing else in the gateway sees their messages.
package hot

import (
	"context"
	"strconv"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/gateway/internal/edge/param"
	"github.com/platformbuilds/mirador-core/gateway/internal/relay"
	"github.com/platformbuilds/mirador-core/gateway/internal/route"
	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	queryv1 "github.com/platformbuilds/mirador-core/proto/gen/query/v1"
)

// Epochs tells the newest definitions of a tenant that this gateway knows of.
type Epochs interface {
	Epoch(tenant string) uint64
}

// Fetcher brings an answer from memory or from a service; relay.Relay is one.
type Fetcher interface {
	Fetch(ctx context.Context, key relay.Key, call relay.Call) (*relay.Answer, error)
}

// Source answers hot rows.
type Source struct {
	client queryv1.QueryServiceClient
	relay  Fetcher
	epochs Epochs
	rows   map[string]planner
}

// New returns a source that calls the query service over conn.
func New(conn grpc.ClientConnInterface, r Fetcher, e Epochs) *Source {
	return &Source{client: queryv1.NewQueryServiceClient(conn), relay: r, epochs: e, rows: planners()}
}

// Request is one call of a hot row.
type Request struct {
	// Match of the route table.
	Match route.Match
	// Query string and Body (form or JSON members) parameters.
	Query, Body param.Set
	// NoCache bypasses every result cache.
	NoCache bool
}

// plan is what a row makes of a request.
type plan struct {
	params []relay.Param
	call   func(ctx context.Context) (grpc.ServerStreamingClient[httpbody.HttpBody], error)
}

// planner reads the parameters of one kind of row.
type planner struct {
	known []string
	plan  func(s *Source, r Request) (plan, error)
}

// planners by the handler name of the route table.
func planners() map[string]planner {
	defs := []string{"include_definitions", "definitions_minimal", "label_keys"}
	window := []string{"match[]", "match", "start", "end", "limit"}
	return map[string]planner{
		"query":           {append([]string{"query", "time", "timeout", "step", "nocache"}, defs...), instant},
		"query_range":     {append([]string{"query", "start", "end", "step", "timeout", "nocache"}, defs...), ranged},
		"series":          {append([]string{"timeout"}, window...), series},
		"labels":          {append([]string{"timeout"}, window...), labels},
		"label_values":    {append([]string{"timeout"}, window...), labelValues},
		"metric_names":    {append([]string{"timeout"}, window...), metricNames},
		"metric_metadata": {[]string{"metric", "limit", "timeout"}, metricMetadata},
		"prometheus":      {nil, prometheus},
	}
}

// Warnings names the parameters that the row does not know and drops. Rows in
// Prometheus' shape drop silently, as Prometheus does.
func (s *Source) Warnings(r Request) []string {
	p := s.rows[r.Match.Row.Handler]
	if p.known == nil {
		return nil
	}
	var warnings []string
	for _, name := range r.Query.With(r.Body).Unknown(append(p.known, tenantNames()...)...) {
		warnings = append(warnings, "unknown parameter "+strconv.Quote(name)+" is ignored")
	}
	return warnings
}

// tenantNames may be given; the edge has compared them with the identity.
func tenantNames() []string { return []string{"tenantId", "tenant_id", "tenant"} }

// Fetch answers a request. The context carries identity and deadline, and must
// stay valid until the answer is closed.
func (s *Source) Fetch(ctx context.Context, r Request) (*relay.Answer, error) {
	id, err := identity.Require(ctx)
	if err != nil {
		return nil, err //nolint:wrapcheck // a fault for the caller
	}
	p, err := s.rows[r.Match.Row.Handler].plan(s, r)
	if err != nil {
		return nil, named(r.Match.Row, err)
	}
	epoch := s.epochs.Epoch(id.Tenant)
	key := relay.Key{Tenant: id.Tenant, Account: id.TenantPath(), Scope: id.ScopeDigest(), Route: r.Match.Row.RPC,
		Params: p.params, Epoch: epoch, Bypass: r.NoCache}
	answer, err := s.relay.Fetch(ctx, key, func(ctx context.Context) (grpc.ServerStreamingClient[httpbody.HttpBody], error) {
		return p.call(metadata.AppendToOutgoingContext(ctx, rpc.KeyEpoch, strconv.FormatUint(epoch, 10)))
	})
	if err != nil {
		return nil, fault.From(err)
	}
	return answer, nil
}

// named gives a fault of the request the row's own message.
func named(r *route.Row, err error) error {
	f := fault.From(err)
	if f.Code == fault.CodeInvalidRequest && r.BadRequest != "" {
		f.Message = r.BadRequest
	}
	return f
}
