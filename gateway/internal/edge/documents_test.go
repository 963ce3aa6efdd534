package edge_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

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
