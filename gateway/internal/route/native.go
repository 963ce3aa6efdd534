package route

import "strings"

// native is one line of the table below; it stands for one row per method and
// path.
type native struct {
	methods    string
	paths      string
	permission string
	cost       uint32
	effect     Effect
	handler    string
	rpc        string
	badRequest string
	names      string
	summary    string
}

const (
	query     = "metrics.query"
	traces    = "traces.query"
	hot       = "/mirador.query.v1.QueryService/"
	tail      = "/mirador.logs.v1.LogsService/Tail"
	jaegerRPC = "/mirador.traces.v1.TracesService/Jaeger"
	v1        = "/api/v1"
	prom      = "/prometheus/api/v1"
	jaeger    = "/jaeger/api"

	schema  = "/mirador.schema.v1.SchemaService/"
	badForm = "invalid multipart form or file too large"
)

// lines is the table of everything the gateway serves by hand. The first path
// is the row's own, the others are aliases of it.
func lines() []native {
	return []native{
		// Health, documents, metrics.
		{"GET", "/health " + v1 + "/health", Public, 0, Read, "health", "", "", "", "Liveness in the contract's shape."},
		{"GET", "/ready " + v1 + "/ready", Public, 0, Read, "ready", "", "", "", "Readiness: 503 at start, while draining, without a query service."},
		{"GET", "/livez", Public, 0, Read, "livez", "", "", "", "Liveness; looks at no dependency."},
		{"GET", "/readyz", Public, 0, Read, "readyz", "", "", "", "Readiness; `?verbose` lists the parts."},
		{"GET", "/microservices/status", "status.read", 1, Read, "status", "", "", "", "State of back ends and engines."},
		{"GET", "/metrics", Public, 0, Read, "metrics", "", "", "", "Prometheus metrics of the gateway."},
		{"GET", "/", Public, 0, Read, "root", "", "", "", "Leads to the Swagger UI."},
		{"GET", "/swagger /swagger/", Public, 0, Read, "swagger_root", "", "", "", "Leads to the Swagger UI."},
		{"GET", "/swagger/{file}", Public, 0, Read, "swagger", "", "", "", "Swagger UI, served offline."},
		{"GET", "/api/openapi.yaml", Public, 0, Read, "openapi_yaml", "", "", "", "The OpenAPI document as YAML."},
		{"GET", "/api/openapi.json", Public, 0, Read, "openapi_json", "", "", "", "The OpenAPI document as JSON."},
		{"GET", "/problems", Public, 0, Read, "problems", "", "", "", "All problem codes."},
		{"GET", "/problems/{code}", Public, 0, Read, "problem", "", "", "", "Cause and cure of one problem code."},
		// Login.
		{"POST", v1 + "/auth/login", Public, 5, Write, "login", "", "Invalid login request", "", "Log in with user name and password."},
		{"POST", v1 + "/auth/logout", Self, 1, Write, "logout", "", "", "", "End the session."},
		{"POST", v1 + "/auth/refresh", Public, 5, Write, "refresh", "", "", "", "Exchange a session id, which is the credential, for a new one and a fresh token."},
		{"GET", v1 + "/auth/me", Self, 1, Read, "me", "", "", "", "Who the caller is and may do."},
		// Metrics: relayed as bytes.
		{"GET POST", v1 + "/query /query", query, 1, Read, "query", hot + "Instant", "Invalid query request format", "", "Evaluate MetricsQL at one time."},
		{"GET POST", v1 + "/query_range /query_range", query, 2, Read, "query_range", hot + "Range", "Invalid range query request", "", "Evaluate MetricsQL over a range."},
		{"GET POST", v1 + "/series /series", query, 2, Read, "series", hot + "Series", "At least one match[] parameter is required", "", "Label sets of matching series."},
		{"GET POST", v1 + "/labels /labels", query, 1, Read, "labels", hot + "Labels", "Invalid label request", "", "Label names."},
		{"GET", v1 + "/label/{name}/values", query, 1, Read, "label_values", hot + "LabelValues", "Label name is required", "name", "Values of one label."},
		{"GET", v1 + "/metrics/names /metrics/names", query, 1, Read, "metric_names", hot + "MetricNames", "Invalid metric name request", "", "Metric names."},
		{"GET", v1 + "/metrics/metadata", query, 1, Read, "metric_metadata", hot + "Metadata", "Invalid metadata request", "", "Type, help and unit of metrics."},
		// Definitions as CSV.
		{"POST", v1 + "/schema/metrics/bulk", "schema.write", 20, Write, "schema_upload", schema + "BulkUpload", badForm, "", "Upload definitions of metrics and labels as CSV."},
		{"POST", v1 + "/schema/logs/fields/bulk", "schema.write", 20, Write, "schema_upload", schema + "BulkUpload", badForm, "", "Upload definitions of log fields as CSV."},
		{"POST", v1 + "/schema/traces/services/bulk", "schema.write", 20, Write, "schema_upload", schema + "BulkUpload", badForm, "", "Upload definitions of services as CSV."},
		{"POST", v1 + "/schema/traces/operations/bulk", "schema.write", 20, Write, "schema_upload", schema + "BulkUpload", badForm, "", "Upload definitions of operations as CSV."},
		{"GET", v1 + "/schema/metrics/bulk/sample", "schema.read", 5, Read, "schema_sample", schema + "BulkSample", "invalid sample request", "", "CSV of metrics and labels to fill in."},
		{"GET", v1 + "/schema/logs/fields/bulk/sample", "schema.read", 5, Read, "schema_sample", schema + "BulkSample", "invalid sample request", "", "CSV of log fields to fill in."},
		{"GET", v1 + "/schema/traces/services/bulk/sample", "schema.read", 5, Read, "schema_sample", schema + "BulkSample", "invalid sample request", "", "CSV of services to fill in."},
		{"GET", v1 + "/schema/traces/operations/bulk/sample", "schema.read", 5, Read, "schema_sample", schema + "BulkSample", "invalid sample request", "", "CSV of operations to fill in."},
		// Prometheus-compatible reads, for Grafana.
		{"GET POST", prom + "/query", query, 2, Read, "prometheus", hot + "Prometheus", "", "", "Prometheus: instant query."},
		{"GET POST", prom + "/query_range", query, 2, Read, "prometheus", hot + "Prometheus", "", "", "Prometheus: range query."},
		{"GET POST", prom + "/series", query, 2, Read, "prometheus", hot + "Prometheus", "", "", "Prometheus: series."},
		{"GET POST", prom + "/labels", query, 2, Read, "prometheus", hot + "Prometheus", "", "", "Prometheus: label names."},
		{"GET", prom + "/label/{name}/values", query, 2, Read, "prometheus", hot + "Prometheus", "", "name", "Prometheus: label values."},
		{"GET", prom + "/metadata", query, 2, Read, "prometheus", hot + "Prometheus", "", "", "Prometheus: metric metadata."},
		{"GET POST", prom + "/format_query", query, 2, Read, "prometheus", hot + "Prometheus", "", "", "Prometheus: a query in readable form."},
		{"GET POST", prom + "/query_exemplars", query, 2, Read, "prometheus", hot + "Prometheus", "", "", "Prometheus: exemplars; always empty."},
		{"GET", prom + "/rules", query, 2, Read, "prometheus", hot + "Prometheus", "", "", "Prometheus: rules; always empty."},
		{"GET", prom + "/alerts", query, 2, Read, "prometheus", hot + "Prometheus", "", "", "Prometheus: alerts; always empty."},
		{"GET", prom + "/status/buildinfo", query, 2, Read, "prometheus", hot + "Prometheus", "", "", "Prometheus: what the server is."},
		// Logs as they arrive.
		{"GET", v1 + "/logs/tail", "logs.query", 5, Read, "logs_tail", tail, "Invalid tail request", "", "Log rows as they arrive, over a WebSocket or as server-sent events."},
		// Jaeger-compatible reads, for a Jaeger UI or Grafana.
		{"GET", jaeger + "/services", traces, 2, Read, "jaeger", jaegerRPC, "", "", "Jaeger: services."},
		{"GET", jaeger + "/services/{service}/operations", traces, 2, Read, "jaeger", jaegerRPC, "", "service", "Jaeger: operations of a service."},
		{"GET", jaeger + "/operations", traces, 2, Read, "jaeger", jaegerRPC, "", "", "Jaeger: operations with their kind."},
		{"GET", jaeger + "/traces", traces, 2, Read, "jaeger", jaegerRPC, "", "", "Jaeger: find traces."},
		{"GET", jaeger + "/traces/{trace_id}", traces, 2, Read, "jaeger", jaegerRPC, "", "", "Jaeger: one trace."},
		{"GET", jaeger + "/dependencies", traces, 2, Read, "jaeger", jaegerRPC, "", "", "Jaeger: calls between services."},
	}
}

// Native lists the rows that the gateway serves by hand.
func Native() []Row {
	var rows []Row
	for _, l := range lines() {
		for _, method := range strings.Fields(l.methods) {
			rows = append(rows, l.rows(method)...)
		}
	}
	return rows
}

func (l native) rows(method string) []Row {
	var rows []Row
	paths := strings.Fields(l.paths)
	for i, path := range paths {
		row := Row{Method: method, Pattern: path, Permission: l.permission, Cost: l.cost, Effect: l.effect,
			Handler: l.handler, RPC: l.rpc, BadRequest: l.badRequest, NameParams: strings.Fields(l.names), Summary: l.summary}
		if i > 0 {
			row.AliasOf = paths[0]
		}
		row.Shape = ShapeOf(path)
		rows = append(rows, row)
	}
	return rows
}

// ShapeOf is the form of error answers under a path, known or not.
func ShapeOf(path string) Shape {
	switch {
	case strings.HasPrefix(path, prom+"/"):
		return Prometheus
	case strings.HasPrefix(path, jaeger+"/"):
		return Jaeger
	}
	return Problem
}
