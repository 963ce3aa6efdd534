package telemetry

import "time"

// HTTP counts one answered request. The endpoint is the route pattern, never
// the path; the tenant is bounded by SetTenants, the method by Method.
func (t *Telemetry) HTTP(method, endpoint, status, tenant string, took time.Duration) {
	tenant, method = t.Tenant(tenant), Method(method)
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

// Method returns the label value of an HTTP method: itself when a route can
// have it, else "other".
func Method(method string) string {
	switch method {
	case "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS":
		return method
	}
	return "other"
}
