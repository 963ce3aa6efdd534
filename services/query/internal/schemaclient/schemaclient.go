// Package schemaclient asks the schema service for definitions.
package schemaclient

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"google.golang.org/grpc"

	schemav1 "github.com/platformbuilds/mirador-core/proto/gen/schema/v1"
	"github.com/platformbuilds/mirador-core/services/query/internal/definitions"
)

// Client implements definitions.Source.
type Client struct {
	api schemav1.SchemaServiceClient
}

// New returns a client on the connection, which passes on the caller's
// identity.
func New(conn grpc.ClientConnInterface) *Client {
	return &Client{api: schemav1.NewSchemaServiceClient(conn)}
}

// Lookup implements definitions.Source.
func (c *Client) Lookup(ctx context.Context, metrics []string, minEpoch uint64) (definitions.Found, error) {
	res, err := c.api.LookupDefinitions(ctx, &schemav1.LookupDefinitionsRequest{Metrics: metrics, MinEpoch: minEpoch})
	if err != nil {
		return definitions.Found{}, fmt.Errorf("look up definitions: %w", err)
	}
	found := definitions.Found{Epoch: res.Epoch, Metrics: map[string]definitions.Known{}}
	for _, m := range res.Metrics {
		known := found.Metrics[m.Metric]
		known.Metric = metric(m)
		found.Metrics[m.Metric] = known
	}
	for _, l := range res.Labels {
		known := found.Metrics[l.Metric]
		known.Labels = append(known.Labels, label(l))
		found.Metrics[l.Metric] = known
	}
	for _, known := range found.Metrics {
		slices.SortFunc(known.Labels, func(a, b definitions.Label) int { return cmp.Compare(a.Name, b.Name) })
	}
	return found, nil
}

func metric(m *schemav1.Metric) *definitions.Metric {
	return &definitions.Metric{
		Tenant: m.TenantId, Name: m.Metric, Description: m.Description, Owner: m.Owner,
		Tags: m.Tags, Updated: m.UpdatedAt.AsTime(),
	}
}

func label(l *schemav1.Label) definitions.Label {
	out := definitions.Label{
		Tenant: l.TenantId, Metric: l.Metric, Name: l.Label, Type: l.Type,
		Description: l.Description, Required: l.Required,
	}
	if l.AllowedValues != nil {
		// A value that is no JSON (NaN) is left out: it only ever adds to an answer.
		if raw, err := l.AllowedValues.MarshalJSON(); err == nil {
			out.Allowed = compact(raw)
		}
	}
	return out
}
