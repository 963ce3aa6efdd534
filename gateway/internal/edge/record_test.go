package edge_test

import (
	"strings"
	"testing"
)

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
