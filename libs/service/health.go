package service

import (
	"context"

	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
)

// partHealth is the standard health service. Beside "" (the process) it knows
// each part of readiness by name, so that the gateway can tell how a store is
// that only this service talks to.
type partHealth struct {
	*health.Server
	checks *checks
}

// Check answers for the process or for one of its parts.
func (h partHealth) Check(ctx context.Context, in *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	if in.GetService() == "" {
		return h.Server.Check(ctx, in)
	}
	for _, p := range h.checks.examine(ctx) {
		if p.Name == in.GetService() {
			return &grpc_health_v1.HealthCheckResponse{Status: servingStatus(p)}, nil
		}
	}
	return h.Server.Check(ctx, in)
}

func servingStatus(p Part) grpc_health_v1.HealthCheckResponse_ServingStatus {
	if p.Status == Healthy {
		return grpc_health_v1.HealthCheckResponse_SERVING
	}
	return grpc_health_v1.HealthCheckResponse_NOT_SERVING
}
