// Package telemetry gives a process its metrics registry, its tracer and its
// logger. Metric names are those of the public contract; labels are bounded.
package telemetry

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// Telemetry belongs to one process. Its fields are set by New and Trace and
// must not be changed afterwards.
type Telemetry struct {
	// Registry holds every metric of the process; nothing uses the global one.
	Registry *prometheus.Registry
	// Tracer starts spans; it does nothing while tracing is off.
	Tracer trace.Tracer

	component, version string
	provider           *sdktrace.TracerProvider
	tenants            atomic.Pointer[map[string]bool]
	metrics            metrics
}

// New returns the telemetry of one process with tracing off. The component is
// the name of the service.
func New(component, version string) *Telemetry {
	t := &Telemetry{
		Registry:  prometheus.NewRegistry(),
		Tracer:    noop.NewTracerProvider().Tracer(component),
		component: component,
		version:   version,
	}
	t.metrics = newMetrics(t.Registry, version)
	return t
}
