package rpc

import (
	"context"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/telemetry"
)

const keyTraceparent = "traceparent"

// clientTracing installs spans only when they are sent somewhere: the stats
// handler costs some microseconds per call.
func clientTracing(t *telemetry.Telemetry) []grpc.DialOption {
	if t == nil || !t.Tracing() {
		return nil
	}
	return []grpc.DialOption{grpc.WithStatsHandler(otelgrpc.NewClientHandler(traceOptions(t)...))}
}

func serverTracing(t *telemetry.Telemetry) []grpc.ServerOption {
	if t == nil || !t.Tracing() {
		return nil
	}
	return []grpc.ServerOption{grpc.StatsHandler(otelgrpc.NewServerHandler(traceOptions(t)...))}
}

func traceOptions(t *telemetry.Telemetry) []otelgrpc.Option {
	return []otelgrpc.Option{
		otelgrpc.WithTracerProvider(t.TracerProvider()), otelgrpc.WithPropagators(t.Propagator()),
		otelgrpc.WithMeterProvider(telemetry.NoMeters()),
	}
}

// trace continues a caller's trace without spans of our own, so that logs and
// back ends still carry its id.
func (g *guard) trace(ctx context.Context) context.Context {
	if g.telemetry.Tracing() {
		return ctx
	}
	parent := metadata.ValueFromIncomingContext(ctx, keyTraceparent)
	if len(parent) != 1 {
		return ctx
	}
	return telemetry.WithTraceparent(ctx, parent[0])
}

// appendTrace hands a trace on when no stats handler does.
func appendTrace(ctx context.Context, pairs []string, t *telemetry.Telemetry) []string {
	if t != nil && t.Tracing() {
		return pairs
	}
	if sc := trace.SpanContextFromContext(ctx); sc.IsValid() {
		return append(pairs, keyTraceparent, telemetry.Traceparent(sc))
	}
	return pairs
}
