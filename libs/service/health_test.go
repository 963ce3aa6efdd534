package service

import (
	"context"
	"errors"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

func TestHealthKnowsTheParts(t *testing.T) {
	s := &Server{}
	s.Check("store", false, func(context.Context) error { return nil })
	s.Check("queue", false, func(context.Context) error { return errors.New("away") })
	h := partHealth{health.NewServer(), &s.checks}
	tests := []struct {
		name string
		want grpc_health_v1.HealthCheckResponse_ServingStatus
		code codes.Code
	}{
		{"", grpc_health_v1.HealthCheckResponse_SERVING, codes.OK},
		{"store", grpc_health_v1.HealthCheckResponse_SERVING, codes.OK},
		{"queue", grpc_health_v1.HealthCheckResponse_NOT_SERVING, codes.OK},
		{"nosuch", grpc_health_v1.HealthCheckResponse_UNKNOWN, codes.NotFound},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			answer, err := h.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: tt.name})
			if status.Code(err) != tt.code || answer.GetStatus() != tt.want {
				t.Errorf("got %v, %v", answer, err)
			}
		})
	}
}
