package server

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/rpc"
	schemav1 "github.com/platformbuilds/mirador-core/proto/gen/schema/v1"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// GetMetric gives the newest definition of a metric.
func (s *Server) GetMetric(ctx context.Context, req *schemav1.GetMetricRequest) (*schemav1.Metric, error) {
	d, err := s.get(ctx, metricKey(req.GetMetric()))
	if err != nil {
		return nil, err
	}
	return encodeMetric(tenantOf(ctx), d), nil
}

// GetLabel gives the newest definition of one label of a metric.
func (s *Server) GetLabel(ctx context.Context, req *schemav1.GetLabelRequest) (*schemav1.Label, error) {
	d, err := s.get(ctx, labelKey(req.GetMetric(), req.GetLabel()))
	if err != nil {
		return nil, err
	}
	return encodeLabel(tenantOf(ctx), d)
}

// GetLogField gives the newest definition of a field of log rows.
func (s *Server) GetLogField(ctx context.Context, req *schemav1.GetLogFieldRequest) (*schemav1.LogField, error) {
	d, err := s.get(ctx, fieldKey(req.GetField()))
	if err != nil {
		return nil, err
	}
	return encodeLogField(tenantOf(ctx), d), nil
}

// GetService gives the newest definition of a service.
func (s *Server) GetService(ctx context.Context, req *schemav1.GetServiceRequest) (*schemav1.Service, error) {
	d, err := s.get(ctx, serviceKey(req.GetService()))
	if err != nil {
		return nil, err
	}
	return encodeService(tenantOf(ctx), d), nil
}

// GetOperation gives the newest definition of an operation of a service.
func (s *Server) GetOperation(ctx context.Context, req *schemav1.GetOperationRequest) (*schemav1.Operation, error) {
	d, err := s.get(ctx, operationKey(req.GetService(), req.GetOperation()))
	if err != nil {
		return nil, err
	}
	return encodeOperation(tenantOf(ctx), d), nil
}

func (s *Server) get(ctx context.Context, key definition.Key) (definition.Definition, error) {
	d, err := s.registry.Get(ctx, key, minEpoch(ctx))
	if err != nil {
		return d, err
	}
	return d, grpc.SetHeader(ctx, metadata.Pairs(rpc.KeyETag, d.ETag()))
}

// LookupDefinitions gives what is defined of many metrics.
func (s *Server) LookupDefinitions(ctx context.Context, req *schemav1.LookupDefinitionsRequest) (*schemav1.LookupDefinitionsResponse, error) {
	found, err := s.registry.Lookup(ctx, req.GetMetrics(), max(req.GetMinEpoch(), minEpoch(ctx)))
	if err != nil {
		return nil, err
	}
	return encodeFound(tenantOf(ctx), found)
}
