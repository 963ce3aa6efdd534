// Package server speaks gRPC for the schema service: it decodes a request,
// calls one operation of the registry and encodes the answer.
package server

import (
	"context"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	schemav1 "github.com/platformbuilds/mirador-core/proto/gen/schema/v1"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// Server implements the schema service.
type Server struct {
	schemav1.UnimplementedSchemaServiceServer
	registry *definition.Registry
}

// New returns a server on a registry.
func New(r *definition.Registry) *Server { return &Server{registry: r} }

// UpsertMetric defines a metric and labels of it.
func (s *Server) UpsertMetric(ctx context.Context, req *schemav1.UpsertMetricRequest) (*schemav1.UpsertResponse, error) {
	out, err := s.registry.Upsert(ctx, req.GetTenantId(), definition.Change{
		Key:     definition.Key{Kind: definition.Metric, Name: req.GetMetric()},
		Content: definition.Content{Description: req.GetDescription(), Owner: req.GetOwner(), Tags: req.GetTags()},
	}, labels(req.GetLabels()))
	return acknowledge(ctx, out.Epoch, err)
}

// UpsertLabel defines one label of a metric.
func (s *Server) UpsertLabel(ctx context.Context, req *schemav1.UpsertLabelRequest) (*schemav1.UpsertResponse, error) {
	out, err := s.registry.Upsert(ctx, req.GetTenantId(), definition.Change{
		Key: definition.Key{Kind: definition.Label, Parent: req.GetMetric(), Name: req.GetLabel()},
		Content: definition.Content{Type: req.GetType(), Required: req.GetRequired(),
			AllowedValues: req.GetAllowedValues().AsMap(), Description: req.GetDescription()},
	}, nil)
	return acknowledge(ctx, out.Epoch, err)
}

// GetMetric gives the newest definition of a metric.
func (s *Server) GetMetric(ctx context.Context, req *schemav1.GetMetricRequest) (*schemav1.Metric, error) {
	d, err := s.registry.Get(ctx, definition.Key{Kind: definition.Metric, Name: req.GetMetric()}, minEpoch(ctx))
	if err != nil {
		return nil, err
	}
	return encodeMetric(tenantOf(ctx), d), nil
}

// GetLabel gives the newest definition of one label of a metric.
func (s *Server) GetLabel(ctx context.Context, req *schemav1.GetLabelRequest) (*schemav1.Label, error) {
	d, err := s.registry.Get(ctx, definition.Key{Kind: definition.Label, Parent: req.GetMetric(), Name: req.GetLabel()}, minEpoch(ctx))
	if err != nil {
		return nil, err
	}
	return encodeLabel(tenantOf(ctx), d)
}

// LookupDefinitions gives what is defined of many metrics.
func (s *Server) LookupDefinitions(ctx context.Context, req *schemav1.LookupDefinitionsRequest) (*schemav1.LookupDefinitionsResponse, error) {
	found, err := s.registry.Lookup(ctx, req.GetMetrics(), max(req.GetMinEpoch(), minEpoch(ctx)))
	if err != nil {
		return nil, err
	}
	return encodeFound(tenantOf(ctx), found)
}

// tenantOf the caller, of whom the registry has made sure.
func tenantOf(ctx context.Context) string {
	id, err := identity.Require(ctx)
	if err != nil {
		return ""
	}
	return id.Tenant
}

// acknowledge tells the gateway the epoch, so that its next answer includes
// the change.
func acknowledge(ctx context.Context, epoch uint64, err error) (*schemav1.UpsertResponse, error) {
	if err != nil {
		return nil, err
	}
	if err := grpc.SetHeader(ctx, metadata.Pairs(rpc.KeyEpoch, strconv.FormatUint(epoch, 10))); err != nil {
		return nil, err
	}
	return &schemav1.UpsertResponse{Status: "ok"}, nil
}

// minEpoch that the caller has heard of; what cannot be read is no wish.
func minEpoch(ctx context.Context) uint64 {
	var newest uint64
	for _, text := range metadata.ValueFromIncomingContext(ctx, rpc.KeyEpoch) {
		if n, err := strconv.ParseUint(text, 10, 64); err == nil {
			newest = max(newest, n)
		}
	}
	return newest
}
