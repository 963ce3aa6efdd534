package telemetry

import (
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// metrics are the contract's series that every service can set.
type metrics struct {
	httpTotal, grpcTotal, cacheTotal, reloads            *prometheus.CounterVec
	httpSeconds, grpcSeconds, cacheSeconds, querySeconds *prometheus.HistogramVec
	sessions                                             *prometheus.GaugeVec
	invalid                                              prometheus.Counter
}

func newMetrics(reg *prometheus.Registry, version string) metrics {
	m := metrics{
		httpTotal:    counter("http_requests_total", "HTTP requests answered.", "method", "endpoint", "status_code", "tenant_id"),
		httpSeconds:  histogram("http_request_duration_seconds", "Time to answer an HTTP request.", nil, "method", "endpoint", "tenant_id"),
		grpcTotal:    counter("grpc_requests_total", "gRPC calls answered.", "service", "method", "status"),
		grpcSeconds:  histogram("grpc_request_duration_seconds", "Time to answer a gRPC call.", nil, "service", "method"),
		cacheTotal:   counter("cache_requests_total", "Cache operations.", "operation", "result"),
		cacheSeconds: histogram("cache_request_duration_seconds", "Time of a cache operation.", cacheBuckets(), "operation"),
		querySeconds: histogram("query_execution_duration_seconds", "Time to execute a query.", queryBuckets(), "query_type", "tenant_id"),
		reloads:      counter("config_reloads_total", "Configuration reloads.", "status"),
		sessions: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: prefix + "sessions_active", Help: "Sessions that are not expired."}, []string{"tenant_id"}),
		invalid: prometheus.NewCounter(prometheus.CounterOpts{
			Name: prefix + "config_validation_errors_total", Help: "Configurations refused by validation."}),
	}
	reg.MustRegister(m.httpTotal, m.httpSeconds, m.grpcTotal, m.grpcSeconds, m.cacheTotal, m.cacheSeconds,
		m.querySeconds, m.reloads, m.sessions, m.invalid, buildInfo(version),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

const prefix = "mirador_core_"

func cacheBuckets() []float64 { return []float64{.001, .005, .01, .05, .1, .5, 1} }

func queryBuckets() []float64 { return []float64{.1, .5, 1, 2, 5, 10, 30} }

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + name, Help: help}, labels)
}

func histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	if buckets == nil {
		buckets = prometheus.DefBuckets
	}
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: prefix + name, Help: help, Buckets: buckets}, labels)
}

func buildInfo(version string) prometheus.Collector {
	g := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: prefix + "build_info", Help: "Build of the running binary; always 1.",
		ConstLabels: prometheus.Labels{"version": version, "component": "mirador-core", "go_version": runtime.Version()}})
	g.Set(1)
	return g
}

// HTTP counts one answered request. The endpoint is the route pattern, never
// the path; the tenant is bounded by SetTenants.
func (t *Telemetry) HTTP(method, endpoint, status, tenant string, took time.Duration) {
	tenant = t.Tenant(tenant)
	t.metrics.httpTotal.WithLabelValues(method, endpoint, status, tenant).Inc()
	t.metrics.httpSeconds.WithLabelValues(method, endpoint, tenant).Observe(took.Seconds())
}

// GRPC counts one answered call; status is the name of its gRPC code.
func (t *Telemetry) GRPC(service, method, status string, took time.Duration) {
	t.metrics.grpcTotal.WithLabelValues(service, method, status).Inc()
	t.metrics.grpcSeconds.WithLabelValues(service, method).Observe(took.Seconds())
}

// Cache counts one operation (get, set, delete) with its result (hit, miss,
// success, error).
func (t *Telemetry) Cache(operation, result string, took time.Duration) {
	t.metrics.cacheTotal.WithLabelValues(operation, result).Inc()
	t.metrics.cacheSeconds.WithLabelValues(operation).Observe(took.Seconds())
}

// Query observes one executed query; queryType is metricsql, metricsql_range,
// logsql or traces.
func (t *Telemetry) Query(queryType, tenant string, took time.Duration) {
	t.metrics.querySeconds.WithLabelValues(queryType, t.Tenant(tenant)).Observe(took.Seconds())
}

// Sessions sets the number of active sessions of a tenant.
func (t *Telemetry) Sessions(tenant string, active int) {
	t.metrics.sessions.WithLabelValues(t.Tenant(tenant)).Set(float64(active))
}

// ConfigReload counts one reload of the configuration that was taken or, when
// err is not nil, refused.
func (t *Telemetry) ConfigReload(err error) {
	if err != nil {
		t.metrics.invalid.Inc()
		t.metrics.reloads.WithLabelValues("error").Inc()
		return
	}
	t.metrics.reloads.WithLabelValues("success").Inc()
}

// SetTenants names the tenants that may become label values; any other is
// reported as "unknown".
func (t *Telemetry) SetTenants(names []string) {
	known := make(map[string]bool, len(names))
	for _, name := range names {
		known[name] = true
	}
	t.tenants.Store(&known)
}

// Tenant returns the label value of a tenant: its name when known, else "unknown".
func (t *Telemetry) Tenant(name string) string {
	if known := t.tenants.Load(); known != nil && (*known)[name] {
		return name
	}
	return "unknown"
}
