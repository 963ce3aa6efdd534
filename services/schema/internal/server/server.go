// Package server speaks gRPC for the schema service: it decodes a request,
// calls one operation of the registry and encodes the answer.
package server

import (
	"context"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

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
	m := definition.Metric{Name: req.GetMetric(), Description: req.GetDescription(), Owner: req.GetOwner(), Tags: req.GetTags()}
	epoch, err := s.registry.UpsertMetric(ctx, req.GetTenantId(), m, labels(req.GetLabels()))
	return acknowledge(ctx, epoch, err)
}

// UpsertLabel defines one label of a metric.
func (s *Server) UpsertLabel(ctx context.Context, req *schemav1.UpsertLabelRequest) (*schemav1.UpsertResponse, error) {
	epoch, err := s.registry.UpsertLabel(ctx, req.GetTenantId(), definition.Label{
		Metric: req.GetMetric(), Name: req.GetLabel(), Type: req.GetType(), Required: req.GetRequired(),
		AllowedValues: req.GetAllowedValues().AsMap(), Description: req.GetDescription()})
	return acknowledge(ctx, epoch, err)
}

// GetMetric gives the newest definition of a metric.
func (s *Server) GetMetric(ctx context.Context, req *schemav1.GetMetricRequest) (*schemav1.Metric, error) {
	tenant, m, err := s.registry.Metric(ctx, req.GetMetric(), minEpoch(ctx))
	if err != nil {
		return nil, err
	}
	return encodeMetric(tenant, m), nil
}

// GetLabel gives the newest definition of one label of a metric.
func (s *Server) GetLabel(ctx context.Context, req *schemav1.GetLabelRequest) (*schemav1.Label, error) {
	tenant, l, err := s.registry.Label(ctx, definition.Key{Metric: req.GetMetric(), Label: req.GetLabel()}, minEpoch(ctx))
	if err != nil {
		return nil, err
	}
	return encodeLabel(tenant, l)
}

// LookupDefinitions gives what is defined of many metrics.
func (s *Server) LookupDefinitions(ctx context.Context, req *schemav1.LookupDefinitionsRequest) (*schemav1.LookupDefinitionsResponse, error) {
	tenant, found, err := s.registry.Lookup(ctx, req.GetMetrics(), max(req.GetMinEpoch(), minEpoch(ctx)))
	if err != nil {
		return nil, err
	}
	return encodeFound(tenant, found)
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
