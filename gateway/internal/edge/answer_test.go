package edge_test

import (
	"net/http"
	"strings"
	"testing"

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
