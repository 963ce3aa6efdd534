package edge_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/gateway/internal/edge"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

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
