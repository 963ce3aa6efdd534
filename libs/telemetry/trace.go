package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/metric"
	noopmetric "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// TraceOptions say where spans go.
type TraceOptions struct {
	// Endpoint of an OTLP gRPC collector: "host:4317", or with http:// or
	// https:// in front; https means TLS.
	Endpoint string
	// Ratio of the traces that begin here which are kept, 0 to 1.
	Ratio float64
	// Log takes the faults of the exporter.
	Log *slog.Logger
}

// Trace turns tracing on. It must be called before clients and servers are
// made. The returned function sends what is left and ends it.
func (t *Telemetry) Trace(ctx context.Context, o TraceOptions) (stop func(context.Context) error, err error) {
	opts, err := exporterOptions(o.Endpoint)
	if err != nil {
		return nil, err
	}
	exporter, err := otlptracegrpc.New(ctx, opts...)
	if err != nil {
		return nil, fmt.Errorf("trace exporter: %w", err)
	}
	// The SDK knows no other way to report a fault than this process-wide one.
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { o.Log.Warn("traces not sent", "error", err) }))
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(exporter),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(o.Ratio))),
		sdktrace.WithResource(resource.NewSchemaless(
			attribute.String("service.name", t.component), attribute.String("service.version", t.version))),
	)
	t.provider, t.Tracer = provider, provider.Tracer(t.component)
	return provider.Shutdown, nil
}

func exporterOptions(endpoint string) ([]otlptracegrpc.Option, error) {
	if !strings.Contains(endpoint, "://") {
		endpoint = "http://" + endpoint
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("trace endpoint %q is not host:port of an OTLP gRPC collector", endpoint)
	}
	opts := []otlptracegrpc.Option{otlptracegrpc.WithEndpoint(u.Host)}
	if u.Scheme == "http" {
		opts = append(opts, otlptracegrpc.WithInsecure())
	}
	return opts, nil
}

// Tracing tells whether spans are recorded.
func (t *Telemetry) Tracing() bool { return t.provider != nil }

// TracerProvider returns where instrumentation gets its tracers.
func (t *Telemetry) TracerProvider() trace.TracerProvider {
	if t.provider == nil {
		return noop.NewTracerProvider()
	}
	return t.provider
}

// Propagator reads and writes traceparent (W3C trace context).
func (t *Telemetry) Propagator() propagation.TextMapPropagator { return propagation.TraceContext{} }

// NoMeters keeps instrumentation from counting what the registry counts.
func NoMeters() metric.MeterProvider { return noopmetric.NewMeterProvider() }

const traceparentKey = "traceparent"

// WithTraceparent returns a context within the trace that a traceparent value
// names; a malformed value changes nothing.
func WithTraceparent(ctx context.Context, value string) context.Context {
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{traceparentKey: value})
}

// Traceparent returns the traceparent value of a span.
func Traceparent(sc trace.SpanContext) string {
	return "00-" + sc.TraceID().String() + "-" + sc.SpanID().String() + "-" + sc.TraceFlags().String()
}

// TraceID returns the id of the context's trace, or "".
func TraceID(ctx context.Context) string {
	if sc := trace.SpanContextFromContext(ctx); sc.HasTraceID() {
		return sc.TraceID().String()
	}
	return ""
}

// Inject puts the trace context into the headers of an outgoing HTTP call; while
// tracing is off it does nothing.
func (t *Telemetry) Inject(ctx context.Context, h http.Header) {
	if t.Tracing() {
		t.Propagator().Inject(ctx, propagation.HeaderCarrier(h))
	}
}
