package api

import (
	"strconv"
	"strings"
	"testing"
)

func TestPublicRoutes(t *testing.T) {
	for _, path := range []string{"/health", "/api/v1/health", "/ready", "/api/v1/ready", "/livez", "/readyz", "/metrics",
		"/api/openapi.yaml", "/api/openapi.json", "/swagger/index.html"} {
		nobody.Get(t, path).Want(t, 200)
	}
	a := nobody.Get(t, "/health")
	for _, member := range []string{"status", "service", "version", "timestamp"} {
		if a.At(member) == nil {
			t.Errorf("health lacks %s: %s", member, a.Body)
		}
	}
	if got := nobody.Get(t, "/").Want(t, 302).Header.Get("Location"); got != "/swagger/index.html" {
		t.Errorf("/ leads to %q", got)
	}
}

func TestReadyzTellsParts(t *testing.T) {
	a := viewer.Get(t, "/readyz?verbose").Want(t, 200)
	for _, part := range []string{"query", "valkey", "nats"} {
		if !strings.Contains(string(a.Body), part) {
			t.Errorf("readyz lacks %s: %s", part, a.Body)
		}
	}
	if strings.Contains(string(nobody.Get(t, "/readyz?verbose").Body), "127.0.0.1") {
		t.Error("readyz tells addresses to anonymous callers")
	}
}

func TestMicroservicesStatus(t *testing.T) {
	nobody.Get(t, "/microservices/status").WantProblem(t, 401, "")
	a := viewer.Get(t, "/microservices/status").Want(t, 200)
	if a.At("checks", "victoria_metrics", "status") != "healthy" {
		t.Errorf("status: %s", a.Body)
	}
	for _, name := range []string{"victoria_logs", "victoria_traces", "predict_engine", "rca_engine", "alert_engine"} {
		if a.At("checks", name, "status") == nil {
			t.Errorf("status lacks %s: %s", name, a.Body)
		}
	}
}

func TestSecurityHeaders(t *testing.T) {
	for _, path := range []string{"/health", "/api/v1/nosuch", "/api/v1/query?query=up"} {
		h := viewer.Get(t, path).Header
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("X-Frame-Options") != "DENY" || h.Get("Referrer-Policy") == "" {
			t.Errorf("%s: headers %v", path, h)
		}
		if h.Get("Access-Control-Allow-Origin") != "" || strings.Contains(h.Get("Server"), "fast") {
			t.Errorf("%s: headers %v", path, h)
		}
	}
}

func TestRequestID(t *testing.T) {
	if got := viewer.Get(t, "/health", "X-Request-ID: my-request-0001").Header.Get("X-Request-Id"); got != "my-request-0001" {
		t.Errorf("request id %q", got)
	}
	if got := viewer.Get(t, "/health", "X-Request-ID: bad id!").Header.Get("X-Request-Id"); got == "bad id!" || len(got) < 8 {
		t.Errorf("request id %q", got)
	}
}

func TestRateLimitHeaders(t *testing.T) {
	h := viewer.Get(t, "/api/v1/query?query=up").Want(t, 200).Header
	limit, errLimit := strconv.Atoi(h.Get("X-Rate-Limit-Limit"))
	remaining, errRemaining := strconv.Atoi(h.Get("X-Rate-Limit-Remaining"))
	if errLimit != nil || errRemaining != nil || remaining >= limit || remaining < 0 {
		t.Errorf("limit %q, remaining %q", h.Get("X-Rate-Limit-Limit"), h.Get("X-Rate-Limit-Remaining"))
	}
	for _, name := range []string{"X-Rate-Limit-Reset", "RateLimit", "RateLimit-Policy"} {
		if h.Get(name) == "" {
			t.Errorf("no %s header", name)
		}
	}
}

func TestMetricsAreLabelledByPattern(t *testing.T) {
	viewer.Get(t, "/api/v1/label/service/values").Want(t, 200)
	viewer.Get(t, "/api/v1/nosuch/12345").Want(t, 404)
	text := string(nobody.Get(t, "/metrics").Want(t, 200).Body)
	if !strings.Contains(text, `mirador_core_http_requests_total{endpoint="/api/v1/label/`) {
		t.Error("no request counted by its route's pattern")
	}
	if strings.Contains(text, "12345") {
		t.Error("an unknown path became a label value")
	}
	if !strings.Contains(text, "mirador_core_build_info") {
		t.Error("no build info")
	}
}

func TestOptionsAndMethods(t *testing.T) {
	nobody.Must(t, "OPTIONS", "/api/v1/query", "").Want(t, 204)
	a := viewer.Must(t, "PUT", "/api/v1/query", "").WantProblem(t, 405, "method_not_allowed")
	if !strings.Contains(a.Header.Get("Allow"), "POST") {
		t.Errorf("Allow %q", a.Header.Get("Allow"))
	}
}

func TestNamesWithSlashes(t *testing.T) {
	const name = "a/b:c.d%e é"
	const escaped = "a%2Fb:c.d%25e%20%C3%A9"
	editor.Post(t, "/api/v1/schema/metrics", map[string]any{"metric": name, "description": "odd"}).Want(t, 200)
	if got := viewer.Get(t, "/api/v1/schema/metrics/"+escaped).Want(t, 200).At("metric"); got != name {
		t.Errorf("metric %v", got)
	}
	viewer.Get(t, "/api/v1%2Fquery?query=up").WantProblem(t, 400, "")
}
