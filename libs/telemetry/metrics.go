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
	// Classic buckets are the contract; native ones come on top where the
	// scraper asks for them, with a bound on their number.
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: prefix + name, Help: help, Buckets: buckets,
		NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 100, NativeHistogramMinResetDuration: time.Hour}, labels)
}

func buildInfo(version string) prometheus.Collector {
	g := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: prefix + "build_info", Help: "Build of the running binary; always 1.",
		ConstLabels: prometheus.Labels{"version": version, "component": "mirador-core", "go_version": runtime.Version()}})
	g.Set(1)
	return g
}
