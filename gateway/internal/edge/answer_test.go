package edge_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/gateway/internal/edge"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

func TestErrorShapes(t *testing.T) {
	w := begin(t)
	tests := []struct {
		name, method, path, body string
		headers                  []string
		status                   int
		code                     fault.Code
		message, field           string
	}{
		{"no credential", "GET", "/api/v1/query?query=up", "", nil, 401, fault.CodeAuthRequired, "Authentication required", ""},
		{"bad token", "GET", "/query?query=up", "", []string{"Authorization: Bearer bad"}, 401, fault.CodeTokenInvalid, "Invalid authentication token", ""},
		{"other scheme", "GET", "/query?query=up", "", []string{"Authorization: Basic dmlld2Vy"}, 401, fault.CodeTokenInvalid, "Invalid authentication token", ""},
		{"no roles", "GET", "/query?query=up", "", []string{stranger}, 403, fault.CodeAccessDenied, "Access denied: no roles assigned", ""},
		{"wrong role", "POST", "/api/v1/schema/metrics", "{}", []string{viewer, asJSON}, 403, fault.CodeAccessDenied, "Access denied: insufficient permissions", ""},
		{"unknown route", "GET", "/nosuch", "", nil, 404, fault.CodeRouteUnknown, "No such route", ""},
		{"wrong method", "PUT", "/query", "", nil, 405, fault.CodeMethodNotAllowed, "Method not allowed", ""},
		{"wrong json", "POST", "/query", `{"query":`, []string{viewer, asJSON}, 400, fault.CodeMalformedRequest, "Invalid query request format", ""},
		{"key twice", "POST", "/query", `{"query":"a","query":"b"}`, []string{viewer, asJSON}, 400, fault.CodeMalformedRequest, "Invalid query request format", "/query"},
		{"not an object", "POST", "/query", `[]`, []string{viewer, asJSON}, 400, fault.CodeMalformedRequest, "Invalid query request format", ""},
		{"too deep", "POST", "/query", strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40), []string{viewer, asJSON}, 400, fault.CodeMalformedRequest, "Invalid query request format", "/a"},
		{"missing query", "POST", "/query", `{}`, []string{viewer, asJSON}, 400, fault.CodeInvalidRequest, "Invalid query request format", "query"},
		{"missing query, get", "GET", "/query", "", []string{viewer}, 400, fault.CodeInvalidRequest, "Invalid query request format", "query"},
		{"number as query", "POST", "/query", `{"query":7}`, []string{viewer, asJSON}, 400, fault.CodeInvalidRequest, "Invalid query request format", "/query"},
		{"object as time", "POST", "/query", `{"query":"up","time":{}}`, []string{viewer, asJSON}, 400, fault.CodeInvalidRequest, "Invalid query request format", "/time"},
		{"missing step", "GET", "/query_range?query=up&start=1&end=2", "", []string{viewer}, 400, fault.CodeInvalidRequest, "Invalid range query request", "step"},
		{"missing match", "GET", "/series", "", []string{viewer}, 400, fault.CodeInvalidRequest, "At least one match[] parameter is required", "match[]"},
		{"query twice", "GET", "/query?query=a&query=b", "", []string{viewer}, 400, fault.CodeInvalidRequest, "Invalid query request format", "query"},
		{"bad flag", "GET", "/query?query=a&include_definitions=perhaps", "", []string{viewer}, 400, fault.CodeInvalidRequest, "Invalid query request format", "include_definitions"},
		{"bad limit", "GET", "/labels?limit=-1", "", []string{viewer}, 400, fault.CodeInvalidRequest, "Invalid label request", "limit"},
		{"bad timeout", "GET", "/query?query=a&timeout=soon", "", []string{viewer}, 400, fault.CodeInvalidTime, "Invalid timeout", "timeout"},
		{"broken escape", "GET", "/query?query=%zz", "", []string{viewer}, 400, fault.CodeMalformedRequest, "Malformed request", ""},
		{"not UTF-8", "GET", "/query?query=%ff", "", []string{viewer}, 400, fault.CodeMalformedRequest, "Malformed request", ""},
		{"yaml", "POST", "/query", "query: up", []string{viewer, "Content-Type: text/yaml"}, 415, fault.CodeUnsupportedMedia, "Unsupported media type", ""},
		{"no type", "POST", "/query", "{}", []string{viewer}, 415, fault.CodeUnsupportedMedia, "Unsupported media type", ""},
		{"form on a write", "POST", "/api/v1/schema/metrics", "metric=a", []string{editor, asForm}, 415, fault.CodeUnsupportedMedia, "Unsupported media type", ""},
		{"filter", "GET", "/query?query=up&extra_filters[]=%7B%7D", "", []string{viewer}, 400, fault.CodeParamForbidden, "Parameter not allowed", "extra_filters[]"},
		{"filter in a form", "POST", "/query", "query=up&extra_label=a", []string{viewer, asForm}, 400, fault.CodeParamForbidden, "Parameter not allowed", "extra_label"},
		{"filter in json", "POST", "/query", `{"query":"up","extra_filters":[]}`, []string{viewer, asJSON}, 400, fault.CodeParamForbidden, "Parameter not allowed", "extra_filters"},
		{"account", "GET", "/query?query=up&accountid=2", "", []string{viewer}, 400, fault.CodeParamForbidden, "Parameter not allowed", "accountid"},
		{"project", "GET", "/api/v1/query/format?query=up&ProjectID=2", "", []string{viewer}, 400, fault.CodeParamForbidden, "Parameter not allowed", "ProjectID"},
		{"foreign tenant", "GET", "/query?query=up&tenantId=other", "", []string{viewer}, 403, fault.CodeTenantForeign, "Access denied: foreign tenant", "tenantId"},
		{"foreign tenant in json", "POST", "/query", `{"query":"up","tenant_id":"other"}`, []string{viewer, asJSON}, 403, fault.CodeTenantForeign, "Access denied: foreign tenant", "/tenant_id"},
		{"tenant of a wrong type", "POST", "/query", `{"query":"up","tenantId":["demo"]}`, []string{viewer, asJSON}, 400, fault.CodeInvalidRequest, "Invalid query request format", "/tenantId"},
		{"unknown member of a write", "POST", "/api/v1/schema/metrics", `{"metric":"a","colour":"red"}`, []string{editor, asJSON}, 400, fault.CodeInvalidRequest, "invalid payload", "/colour"},
		{"wrong type in a write", "POST", "/api/v1/schema/metrics", `{"metric":1}`, []string{editor, asJSON}, 400, fault.CodeInvalidRequest, "invalid payload", ""},
		{"wrong json in a write", "POST", "/api/v1/schema/metrics", `{`, []string{editor, asJSON}, 400, fault.CodeMalformedRequest, "invalid payload", ""},
		{"absent object", "GET", "/api/v1/schema/metrics/absent", "", []string{viewer}, 404, fault.CodeNotFound, "not found", ""},
		{"not built by the service", "GET", "/api/v1/query/validate?query=up", "", []string{viewer}, 500, fault.CodeInternal, "Internal error", ""},
		{"login without body", "POST", "/api/v1/auth/login", "", nil, 400, fault.CodeInvalidRequest, "Invalid login request", "/username"},
		{"login with more", "POST", "/api/v1/auth/login", `{"username":"a","password":"b","tenant":"c"}`, []string{asJSON}, 400, fault.CodeInvalidRequest, "Invalid login request", "/tenant"},
		{"login refused", "POST", "/api/v1/auth/login", `{"username":"a","password":"b"}`, []string{asJSON}, 401, fault.CodeLoginFailed, "Invalid username or password", ""},
		{"panic", "POST", "/api/v1/auth/login", `{"username":"panic","password":"b"}`, []string{asJSON}, 500, fault.CodeInternal, "Internal error", ""},
		{"refresh by nobody", "POST", "/api/v1/auth/refresh", "", nil, 401, fault.CodeAuthRequired, "Authentication required", ""},
		{"unknown problem", "GET", "/problems/nosuch", "", nil, 404, fault.CodeNotFound, "Not found", ""},
		{"unknown file", "GET", "/swagger/nosuch.js", "", nil, 404, fault.CodeNotFound, "Not found", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := w.do(t, tt.method, tt.path, tt.body, tt.headers...)
			a.problem(t, tt.status, tt.code)
			if a.member("error") != tt.message {
				t.Errorf("error %q, want %q", a.member("error"), tt.message)
			}
			if tt.field != "" && !strings.Contains(string(a.body), tt.field+`"`) {
				t.Errorf("field %q is not named: %s", tt.field, a.body)
			}
			page := w.do(t, "GET", a.member("type").(string), "")
			if page.StatusCode != http.StatusOK || !strings.Contains(string(page.body), "Cure") {
				t.Errorf("page %v: %d", a.member("type"), page.StatusCode)
			}
			if strings.Contains(string(a.body), "secret of a panic") || strings.Contains(string(a.body), "goroutine") {
				t.Errorf("the answer tells about the panic: %s", a.body)
			}
		})
	}
	if !strings.Contains(w.log.String(), "secret of a panic") {
		t.Error("the log does not tell about the panic")
	}
}

func TestErrorHeaders(t *testing.T) {
	w := begin(t)
	if got := w.do(t, "PATCH", "/query", "").Header.Get("Allow"); got != "GET, HEAD, OPTIONS, POST" {
		t.Errorf("Allow %q", got)
	}
	if got := w.do(t, "GET", "/query", "").Header.Get("WWW-Authenticate"); !strings.HasPrefix(got, "Bearer") {
		t.Errorf("WWW-Authenticate %q", got)
	}
	if a := w.do(t, "HEAD", "/nosuch", ""); a.StatusCode != http.StatusNotFound || len(a.body) != 0 {
		t.Errorf("HEAD gave %d %q", a.StatusCode, a.body)
	}
}

func TestPrometheusErrorsKeepTheirShape(t *testing.T) {
	w := begin(t)
	w.query.says(func(func(string) error) error {
		return fault.New(fault.CodeQueryInvalid, "Invalid MetricsQL query: x").WithDetail("line 1")
	})
	tests := []struct {
		path, kind string
		status     int
		headers    []string
	}{
		{"/prometheus/api/v1/query?query=sum(up", "bad_data", 400, []string{viewer}},
		{"/prometheus/api/v1/query?query=up", "unauthorized", 401, nil},
		{"/prometheus/api/v1/nosuch", "not_found", 404, []string{viewer}},
		{"/prometheus/api/v1/query?query=up&extra_label=a", "bad_data", 400, []string{viewer}},
	}
	for _, tt := range tests {
		a := w.do(t, "GET", tt.path, "", tt.headers...)
		if a.StatusCode != tt.status || a.member("status") != "error" || a.member("errorType") != tt.kind || a.member("error") == nil {
			t.Errorf("%s: %d %s", tt.path, a.StatusCode, a.body)
		}
		if a.member("code") != nil || a.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %v %s", tt.path, a.Header, a.body)
		}
	}
}

func TestLimits(t *testing.T) {
	w := begin(t, func(s *settings) { s.limits.RequestsPerMinute = 3 })
	first := w.do(t, "GET", "/query?query=up", "", viewer)
	if first.StatusCode != http.StatusOK || first.Header.Get("X-Rate-Limit-Limit") != "3" || first.Header.Get("RateLimit") == "" || first.Header.Get("RateLimit-Policy") == "" {
		t.Errorf("first: %d %v", first.StatusCode, first.Header)
	}
	var last answer
	for range 5 {
		last = w.do(t, "GET", "/query?query=up", "", viewer)
	}
	last.problem(t, 429, fault.CodeRateLimited)
	if last.Header.Get("Retry-After") == "" || last.Header.Get("X-Rate-Limit-Remaining") != "0" || last.member("retry_after") == nil {
		t.Errorf("refusal: %v %s", last.Header, last.body)
	}
	if w.do(t, "GET", "/health", "").StatusCode != http.StatusOK {
		t.Error("health is not exempt")
	}
}

func TestLimitOfAddressComesBeforeLogin(t *testing.T) {
	w := begin(t, func(s *settings) { s.limits.AddressRequestsPerMinute = 2 })
	codes := map[int]int{}
	for range 6 {
		codes[w.do(t, "GET", "/query?query=up", "", "Authorization: Bearer bad").StatusCode]++
	}
	if codes[401] != 2 || codes[429] != 4 {
		t.Errorf("statuses %v", codes)
	}
}

func TestRequestID(t *testing.T) {
	w := begin(t)
	for sent, keep := range map[string]bool{"my-request.0001_x": true, "short": false, "with space!": false, strings.Repeat("a", 129): false} {
		got := w.do(t, "GET", "/livez", "", "X-Request-ID: "+sent).Header.Get("X-Request-Id")
		if (got == sent) != keep || len(got) < 8 {
			t.Errorf("sent %q, got %q", sent, got)
		}
	}
	w.do(t, "GET", "/query?query=up", "", viewer, "X-Request-ID: traced-0001", "Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	w.query.mu.Lock()
	id := w.query.md.Get("x-request-id")
	w.query.mu.Unlock()
	if len(id) != 1 || id[0] != "traced-0001" {
		t.Errorf("request id of the call %v", id)
	}
	a := w.do(t, "GET", "/nosuch", "", "Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	if a.member("trace_id") != "0af7651916cd43dd8448eb211c80319c" {
		t.Errorf("trace %v", a.member("trace_id"))
	}
}

func TestSecurityHeaders(t *testing.T) {
	w := begin(t)
	for _, path := range []string{"/health", "/nosuch", "/query?query=up", "/swagger/index.html"} {
		a := w.do(t, "GET", path, "", viewer)
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cache-Control": "no-store",
			"Referrer-Policy": "strict-origin-when-cross-origin", "Server": "", "Strict-Transport-Security": ""} {
			if got := a.Header.Get(name); got != want {
				t.Errorf("%s: %s %q, want %q", path, name, got, want)
			}
		}
		if a.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s: no policy", path)
		}
	}
}

func TestAccessLogAndMetrics(t *testing.T) {
	w := begin(t)
	w.do(t, "GET", "/api/v1/label/secretname/values", "", viewer, "User-Agent: tester", "Referer: https://u:p@x/y?token=abc")
	w.do(t, "GET", "/nosuch/12345?q=hidden", "")
	w.do(t, "BREW", "/health", "")
	text := string(w.do(t, "GET", "/metrics", "").body)
	if !strings.Contains(text, `mirador_core_http_requests_total{endpoint="/api/v1/label/{name}/values",method="GET",status_code="200",tenant_id="demo"} 1`) {
		t.Error("the request is not counted by its pattern")
	}
	if !strings.Contains(text, `endpoint="unmatched",method="GET",status_code="404",tenant_id="unknown"`) || !strings.Contains(text, `method="other"`) {
		t.Error("unknown paths and methods need fixed labels")
	}
	if strings.Contains(text, "12345") || strings.Contains(text, "BREW") {
		t.Error("a client chose a label value")
	}
	log := w.log.String()
	for _, want := range []string{`"method":"GET"`, `"path":"/api/v1/label/secretname/values"`, `"status":200`, `"client_ip":"127.0.0.1"`,
		`"user_agent":"tester"`, `"user_id":"viewer"`, `"referer":"https://x/y"`, `"latency":`, `"content_length":`} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %s", want)
		}
	}
	for _, secret := range []string{"Bearer", "token=abc", "hidden", "u:p"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log tells %q", secret)
		}
	}
}

func TestOptions(t *testing.T) {
	w := begin(t)
	for _, path := range []string{"/query", "/nosuch", "*"} {
		a := w.do(t, "OPTIONS", path, "")
		if a.StatusCode != http.StatusNoContent || len(a.body) != 0 || a.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %d %q %v", path, a.StatusCode, a.body, a.Header)
		}
	}
}

func TestCORS(t *testing.T) {
	const friend = "https://app.example.com:8443"
	w := begin(t, func(s *settings) { s.cors.AllowedOrigins = []string{friend} })
	preflight := w.do(t, "OPTIONS", "/query", "", "Origin: "+friend, "Access-Control-Request-Method: POST")
	for name, want := range map[string]string{"Access-Control-Allow-Origin": friend, "Access-Control-Allow-Credentials": "true", "Access-Control-Max-Age": "3600"} {
		if got := preflight.Header.Get(name); got != want {
			t.Errorf("%s %q, want %q", name, got, want)
		}
	}
	if preflight.StatusCode != http.StatusNoContent || !strings.Contains(preflight.Header.Get("Access-Control-Allow-Methods"), "POST") {
		t.Errorf("preflight %d %v", preflight.StatusCode, preflight.Header)
	}
	a := w.do(t, "GET", "/nosuch", "", "Origin: "+friend)
	if a.Header.Get("Access-Control-Allow-Origin") != friend || !strings.Contains(a.Header.Get("Access-Control-Expose-Headers"), "X-Request-ID") {
		t.Errorf("errors must be readable too: %v", a.Header)
	}
	for _, foe := range []string{"https://app.example.com", "http://app.example.com:8443", "https://app.example.com:8443.evil.com",
		"https://evil.com", "null", "HTTPS://APP.EXAMPLE.COM:8443", "https://xapp.example.com:8443"} {
		a := w.do(t, "OPTIONS", "/query", "", "Origin: "+foe, "Access-Control-Request-Method: POST")
		if a.StatusCode != http.StatusNoContent || a.Header.Get("Access-Control-Allow-Origin") != "" || a.Header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s was let in: %v", foe, a.Header)
		}
		if !strings.Contains(strings.Join(a.Header.Values("Vary"), ","), "Origin") {
			t.Errorf("Vary %v", a.Header.Values("Vary"))
		}
	}
}

func TestWildcardWithCredentialsStopsTheStart(t *testing.T) {
	c := edge.CORSDefaults()
	for origin, good := range map[string]bool{"*": false, "https://a.example": true, "http://localhost:3000": true, "https://a.example/": false,
		"a.example": false, "https://*.example": true, "ftp://a": false} {
		c.AllowedOrigins = []string{origin}
		if err := c.Validate(); (err == nil) != good {
			t.Errorf("%s: %v", origin, err)
		}
	}
	c.AllowCredentials, c.AllowedOrigins = false, []string{"*"}
	if err := c.Validate(); err != nil {
		t.Errorf("a wildcard without credentials: %v", err)
	}
}

// A browser sends the cookie along from any page, so a write needs more.
func TestCookieWrites(t *testing.T) {
	const friend = "https://app.example.com"
	w := begin(t, func(s *settings) { s.cors.AllowedOrigins = []string{friend} })
	cookie := "Cookie: mirador_session=editor"
	body := `{"metric":"a"}`
	tests := []struct {
		name    string
		headers []string
		status  int
	}{
		{"no origin", []string{cookie, asJSON}, 403},
		{"foreign origin", []string{cookie, asJSON, "Origin: https://evil.com"}, 403},
		{"null origin", []string{cookie, asJSON, "Origin: null"}, 403},
		{"own origin", []string{cookie, asJSON, "Origin: http://" + w.addr}, 200},
		{"allowed origin", []string{cookie, asJSON, "Origin: " + friend}, 200},
		{"own origin, text", []string{cookie, "Content-Type: text/plain", "Origin: http://" + w.addr}, 415},
		{"bearer needs none", []string{editor, asJSON}, 200},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if a := w.do(t, "POST", "/api/v1/schema/metrics", body, tt.headers...); a.StatusCode != tt.status {
				t.Errorf("status %d, want %d: %s", a.StatusCode, tt.status, a.body)
			}
		})
	}
	if a := w.do(t, "GET", "/query?query=up", "", cookie); a.StatusCode != http.StatusOK {
		t.Errorf("a read with a cookie: %d %s", a.StatusCode, a.body)
	}
	w.do(t, "POST", "/api/v1/auth/refresh", "", "Cookie: mirador_session=viewer").problem(t, 403, fault.CodeOriginRefused)
}

func TestAccountRoutes(t *testing.T) {
	w := begin(t)
	a := w.do(t, "POST", "/api/v1/auth/login", `{"username":"viewer","password":"right"}`, asJSON)
	if a.StatusCode != http.StatusOK || a.member("data", "token") != "viewer" || a.member("data", "user", "tenant_id") != "demo" || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("login: %d %s %v", a.StatusCode, a.body, a.Header)
	}
	a = w.do(t, "GET", "/api/v1/auth/me", "", viewer)
	if a.StatusCode != http.StatusOK || a.member("data", "tenant_id") != "demo" {
		t.Errorf("me: %d %s", a.StatusCode, a.body)
	}
	if a = w.do(t, "GET", "/api/v1/auth/me", "", stranger); a.StatusCode != http.StatusOK {
		t.Errorf("self needs no role: %d %s", a.StatusCode, a.body)
	}
	a = w.do(t, "POST", "/api/v1/auth/refresh", "", "X-Session-Token: viewer")
	if a.StatusCode != http.StatusOK || a.member("data", "session_id") != "next" {
		t.Errorf("refresh: %d %s", a.StatusCode, a.body)
	}
	a = w.do(t, "POST", "/api/v1/auth/logout", "", viewer)
	cookie := (&http.Response{Header: a.Header}).Cookies()
	if a.StatusCode != http.StatusOK || len(cookie) != 1 || cookie[0].Value != "" || !cookie[0].HttpOnly || !cookie[0].Secure ||
		cookie[0].SameSite != http.SameSiteLaxMode || cookie[0].Expires.After(time.Now()) {
		t.Errorf("logout: %d %s %v", a.StatusCode, a.body, cookie)
	}
}

func TestHealth(t *testing.T) {
	w := begin(t)
	for _, path := range []string{"/health", "/api/v1/health", "/ready", "/api/v1/ready"} {
		a := w.do(t, "GET", path, "")
		if a.StatusCode != http.StatusOK || a.member("status") != "healthy" || a.member("service") != "mirador-core" || a.member("version") != "v2.1.3" || a.member("timestamp") == nil {
			t.Errorf("%s: %d %s", path, a.StatusCode, a.body)
		}
	}
	status := w.do(t, "GET", "/microservices/status", "", viewer)
	if status.member("checks", "valkey", "status") != "degraded" || status.member("checks", "rca_engine", "status") != "disabled" || status.member("status") != "healthy" {
		t.Errorf("status: %s", status.body)
	}
	if a := w.do(t, "GET", "/readyz?verbose", ""); strings.Contains(string(a.body), "10.1.2.3") || !strings.Contains(string(a.body), "valkey") {
		t.Errorf("readyz for strangers: %s", a.body)
	}
	if a := w.do(t, "GET", "/readyz?verbose", "", "Authorization: Bearer bad"); a.StatusCode != http.StatusOK || strings.Contains(string(a.body), "10.1.2.3") {
		t.Errorf("readyz with a bad token: %d %s", a.StatusCode, a.body)
	}
	if a := w.do(t, "GET", "/readyz?verbose", "", viewer); !strings.Contains(string(a.body), "last_error") {
		t.Errorf("readyz for the signed-in: %s", a.body)
	}
	w.health.bad.Store(true)
	a := w.do(t, "GET", "/ready", "")
	if a.StatusCode != http.StatusServiceUnavailable || a.member("status") != "unhealthy" || a.member("error") != "query is not reachable" {
		t.Errorf("not ready: %d %s", a.StatusCode, a.body)
	}
	if a := w.do(t, "GET", "/readyz", ""); a.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("readyz: %d", a.StatusCode)
	}
	if a := w.do(t, "GET", "/health", ""); a.StatusCode != http.StatusOK {
		t.Errorf("health looks at dependencies: %d", a.StatusCode)
	}
	if a := w.do(t, "GET", "/microservices/status", "", viewer); a.StatusCode != http.StatusOK || a.member("status") != "unhealthy" {
		t.Errorf("status: %d %s", a.StatusCode, a.body)
	}
}

func TestProblemIndexListsEveryCode(t *testing.T) {
	page := string(begin(t).do(t, "GET", "/problems", "").body)
	for _, e := range fault.Catalog() {
		if !strings.Contains(page, "/problems/"+string(e.Code)) {
			t.Errorf("%s is not listed", e.Code)
		}
	}
}

func TestDocuments(t *testing.T) {
	w := begin(t)
	for _, path := range []string{"/", "/swagger", "/swagger/"} {
		if a := w.do(t, "GET", path, ""); a.StatusCode != http.StatusFound || a.Header.Get("Location") != "/swagger/index.html" {
			t.Errorf("%s: %d %q", path, a.StatusCode, a.Header.Get("Location"))
		}
	}
	a := w.do(t, "GET", "/api/openapi.yaml", "")
	if a.StatusCode != http.StatusOK || !strings.Contains(string(a.body), "title: MIRADOR-CORE API") {
		t.Errorf("yaml: %d", a.StatusCode)
	}
	if again := w.do(t, "GET", "/api/openapi.yaml", "", "If-None-Match: "+a.Header.Get("ETag")); again.StatusCode != http.StatusNotModified || len(again.body) != 0 {
		t.Errorf("with its ETag: %d", again.StatusCode)
	}
	packed := w.do(t, "GET", "/api/openapi.json", "", "Accept-Encoding: gzip")
	if packed.Header.Get("Content-Encoding") != "gzip" || !strings.HasPrefix(packed.Header.Get("ETag"), "W/") {
		t.Errorf("packed: %v", packed.Header)
	}
	j := w.do(t, "GET", "/api/openapi.json", "")
	if !json.Valid(j.body) || !strings.Contains(string(j.body), "2027-01-15T08:00:00Z") || !strings.Contains(string(j.body), "2027-01-15T07:55:00Z") {
		t.Errorf("json: examples are not filled in")
	}
}

// The page must load with nothing from elsewhere, under the policy it is
// served with.
func TestSwaggerIsOffline(t *testing.T) {
	w := begin(t)
	page := w.do(t, "GET", "/swagger/index.html", "")
	policy := page.Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "script-src 'self';") || !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("policy %q", policy)
	}
	text := string(page.body)
	if strings.Contains(text, "http://") || strings.Contains(text, "https://") {
		t.Errorf("the page loads from elsewhere: %s", text)
	}
	assets := 0
	for _, part := range strings.Split(text, `"`) {
		if !strings.HasPrefix(part, "/swagger/") {
			continue
		}
		assets++
		a := w.do(t, "GET", part, "")
		if a.StatusCode != http.StatusOK || len(a.body) < 100 {
			t.Errorf("%s: %d, %d bytes", part, a.StatusCode, len(a.body))
		}
		if strings.HasSuffix(part, ".js") && !strings.HasPrefix(a.Header.Get("Content-Type"), "text/javascript") {
			t.Errorf("%s: type %q would not run under nosniff", part, a.Header.Get("Content-Type"))
		}
	}
	if assets < 5 {
		t.Errorf("the page has %d assets only", assets)
	}
	for _, script := range strings.Split(text, "<script")[1:] {
		if !strings.HasPrefix(script, " src=") || !strings.Contains(script, "></script>") {
			t.Errorf("a script inside the page is against the policy: %.80s", script)
		}
	}
}
