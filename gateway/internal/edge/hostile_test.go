package edge_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/gateway/internal/edge"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

// Each message is sent as it stands. The answer must be a problem, and the
// connection must be closed where the end of the request is not certain.
func TestHostileRequests(t *testing.T) {
	w := begin(t)
	const host = "Host: a\r\n"
	tests := []struct {
		name, message string
		status        int
		code          fault.Code
		open          bool
	}{
		{"length and coding", "POST /query HTTP/1.1\r\n" + host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, fault.CodeMalformedRequest, false},
		{"coding and length", "POST /query HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400, fault.CodeMalformedRequest, false},
		{"two lengths", "POST /query HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400, fault.CodeMalformedRequest, false},
		{"unknown coding", "POST /query HTTP/1.1\r\n" + host + "Transfer-Encoding: cow\r\n\r\n", 400, fault.CodeMalformedRequest, false},
		{"coding in disguise", "POST /query HTTP/1.1\r\n" + host + "Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", 400, fault.CodeMalformedRequest, false},
		{"no host", "GET /health HTTP/1.1\r\nA: b\r\n\r\n", 400, fault.CodeMalformedRequest, false},
		{"two hosts", "GET /health HTTP/1.1\r\n" + host + "Host: b\r\n\r\n", 400, fault.CodeMalformedRequest, false},
		{"space before colon", "GET /health HTTP/1.1\r\n" + host + "A : b\r\n\r\n", 400, fault.CodeMalformedRequest, false},
		{"NUL", "GET /health HTTP/1.1\r\n" + host + "A: \x00\r\n\r\n", 400, fault.CodeMalformedRequest, false},
		{"bare CR", "GET /health HTTP/1.1\r\n" + host + "A: b\rX: c\r\n\r\n", 400, fault.CodeMalformedRequest, false},
		{"bare LF", "GET /health HTTP/1.1\r\nHost: a\nA: b\r\n\r\n", 400, fault.CodeMalformedRequest, false},
		{"folding", "GET /health HTTP/1.1\r\n" + host + "A: b\r\n c\r\n\r\n", 400, fault.CodeMalformedRequest, false},
		{"version 2.0", "GET /health HTTP/2.0\r\n" + host + "\r\n", 400, fault.CodeMalformedRequest, false},
		{"version 0.9", "GET /health\r\n\r\n", 400, fault.CodeMalformedRequest, false},
		{"no request", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, fault.CodeMalformedRequest, false},
		{"absolute target", "GET http://evil/health HTTP/1.1\r\n" + host + "\r\n", 400, fault.CodeMalformedRequest, false},
		{"get with body", "GET /health HTTP/1.1\r\n" + host + "Content-Length: 25\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n", 400, fault.CodeMalformedRequest, false},
		{"upgrade with body", "POST /query HTTP/1.1\r\n" + host + "Upgrade: x\r\nConnection: upgrade\r\nContent-Length: 2\r\n\r\n{}", 400, fault.CodeMalformedRequest, false},
		{"encoded body", "POST /query HTTP/1.1\r\n" + host + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", 415, fault.CodeUnsupportedMedia, false},
		{"large encoded body", "POST /query HTTP/1.1\r\n" + host + "Content-Encoding: gzip\r\nContent-Length: 100\r\n\r\n", 415, fault.CodeUnsupportedMedia, false},
		{"bad chunk", "POST /query HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400, fault.CodeMalformedRequest, false},
		{"two authorizations", "GET /query HTTP/1.1\r\n" + host + viewer + "\r\n" + viewer + "\r\n\r\n", 400, fault.CodeCredentialsMany, false},
		{"two sources", "GET /query HTTP/1.1\r\n" + host + viewer + "\r\nX-Session-Token: viewer\r\n\r\n", 400, fault.CodeCredentialsMany, true},
		{"header and cookie", "GET /query HTTP/1.1\r\n" + host + viewer + "\r\nCookie: mirador_session=viewer\r\n\r\n", 400, fault.CodeCredentialsMany, true},
		{"two cookies of one name", "GET /query HTTP/1.1\r\n" + host + "Cookie: mirador_session=a; mirador_session=b\r\n\r\n", 400, fault.CodeCredentialsMany, true},
		{"token in the url", "GET /query?query=up&token=viewer HTTP/1.1\r\n" + host + "\r\n", 401, fault.CodeAuthRequired, true},
		{"token in the url, escaped", "GET /query?query=up&%74oken=viewer HTTP/1.1\r\n" + host + "\r\n", 401, fault.CodeAuthRequired, true},
		{"trace", "TRACE /health HTTP/1.1\r\n" + host + "\r\n", 405, fault.CodeMethodNotAllowed, true},
		{"connect", "CONNECT /health HTTP/1.1\r\n" + host + "\r\n", 405, fault.CodeMethodNotAllowed, true},
		{"connect to a host", "CONNECT evil:80 HTTP/1.1\r\n" + host + "\r\n", 400, fault.CodeMalformedRequest, false},
		{"invented method", "BREW /health HTTP/1.1\r\n" + host + "\r\n", 405, fault.CodeMethodNotAllowed, true},
		{"method override", "POST /health HTTP/1.1\r\n" + host + "X-HTTP-Method-Override: GET\r\nContent-Length: 0\r\n\r\n", 405, fault.CodeMethodNotAllowed, true},
		{"dots", "GET /swagger/../metrics HTTP/1.1\r\n" + host + "\r\n", 400, fault.CodeMalformedRequest, true},
		{"escaped slash", "GET /api%2Fv1%2Fquery HTTP/1.1\r\n" + host + "\r\n", 400, fault.CodeMalformedRequest, true},
		{"double slash", "GET //health HTTP/1.1\r\n" + host + "\r\n", 400, fault.CodeMalformedRequest, true},
		{"long url", "GET /query?query=" + strings.Repeat("a", 9<<10) + " HTTP/1.1\r\n" + host + "\r\n", 431, fault.CodeHeadTooLarge, false},
		{"long head", "GET /health HTTP/1.1\r\n" + host + "A: " + strings.Repeat("a", 17<<10) + "\r\n\r\n", 431, fault.CodeHeadTooLarge, false},
		{"many lines", "GET /health HTTP/1.1\r\n" + host + strings.Repeat("A: b\r\n", 120) + "\r\n", 431, fault.CodeHeadTooLarge, false},
		{"long body", "POST /query HTTP/1.1\r\n" + host + asJSON + "\r\nContent-Length: 1048577\r\n\r\n" + strings.Repeat("a", 1048577), 413, fault.CodeTooLarge, false},
		{"long chunked body", "POST /query HTTP/1.1\r\n" + host + asJSON + "\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n" + strings.Repeat("a", 1048577) + "\r\n0\r\n\r\n", 413, fault.CodeTooLarge, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := w.raw(t, tt.message)
			a.problem(t, tt.status, tt.code)
			if a.Close == tt.open {
				t.Errorf("connection closed: %v", a.Close)
			}
			for _, library := range []string{"fasthttp", "fiber", "buffer size"} {
				if strings.Contains(string(a.body), library) {
					t.Errorf("the answer tells library text: %s", a.body)
				}
			}
		})
	}
}

// A refused request must not leave anything behind that is read as a second
// one.
func TestNothingIsSmuggled(t *testing.T) {
	w := begin(t)
	hidden := "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"
	for name, message := range map[string]string{
		"get with body":     "GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: " + number(len(hidden)) + "\r\n\r\n" + hidden,
		"length and coding": "POST /query HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
		"bare LF":           "GET /health HTTP/1.1\r\nHost: a\r\nA: b\n\r\n" + hidden + "\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			c, err := net.Dial("tcp", w.addr)
			must(t, err)
			defer c.Close()
			must(t, c.SetDeadline(time.Now().Add(10*time.Second)))
			_, _ = io.WriteString(c, message)
			r := bufio.NewReader(c)
			first := read(t, r, "GET")
			if first.StatusCode != http.StatusBadRequest {
				t.Errorf("status %d", first.StatusCode)
			}
			if second, err := http.ReadResponse(r, nil); err == nil {
				second.Body.Close()
				t.Errorf("a second answer came: %d", second.StatusCode)
			}
		})
	}
}

func TestIdentityHeadersAreNotBelieved(t *testing.T) {
	w := begin(t)
	a := w.do(t, "GET", "/api/v1/query?query=up", "", viewer, "X-Tenant-ID: other", "X_Tenant_ID: other", "AccountID: 2",
		"X-Original-URL: /metrics", "X-Forwarded-For: 9.9.9.9", "Grpc-Metadata-X-Mirador-Identity: forged", "X-Mirador-Identity: forged")
	if a.StatusCode != http.StatusOK {
		t.Fatalf("status %d: %s", a.StatusCode, a.body)
	}
	w.query.mu.Lock()
	defer w.query.mu.Unlock()
	for key, values := range w.query.md {
		for _, v := range values {
			if strings.Contains(v, "other") || strings.Contains(v, "forged") {
				t.Errorf("metadata %s carries %q", key, v)
			}
		}
	}
	if got := w.query.md.Get("x-mirador-identity"); len(got) != 1 || got[0] != "hop-of-viewer" {
		t.Errorf("identity %v", got)
	}
	if log := w.log.String(); !strings.Contains(log, `"client_ip":"127.0.0.1"`) || strings.Contains(log, "9.9.9.9") {
		t.Errorf("forwarded address was believed: %s", log)
	}
}

func TestTrustedProxy(t *testing.T) {
	w := begin(t, func(s *settings) { s.http.TrustedProxies = []string{"127.0.0.0/8", "10.0.0.0/8"} })
	a := w.do(t, "GET", "/nosuch", "", "X-Forwarded-For: 1.1.1.1, 9.9.9.9, 10.0.0.7", "X-Forwarded-Proto: https")
	if !strings.Contains(w.log.String(), `"client_ip":"9.9.9.9"`) {
		t.Errorf("the nearest address that is no proxy must count: %s", w.log.String())
	}
	if a.Header.Get("Strict-Transport-Security") == "" {
		t.Error("no HSTS behind TLS")
	}
}

func TestConnectionsOfOneAddress(t *testing.T) {
	w := begin(t, func(s *settings) { s.http.ConnectionsPerAddress = 1 })
	first, err := net.Dial("tcp", w.addr)
	must(t, err)
	_, err = io.WriteString(first, "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
	must(t, err)
	read(t, bufio.NewReader(first), "GET")
	second, err := net.Dial("tcp", w.addr)
	must(t, err)
	defer second.Close()
	must(t, second.SetDeadline(time.Now().Add(10*time.Second)))
	a := read(t, bufio.NewReader(second), "GET")
	if a.StatusCode != http.StatusTooManyRequests || a.member("code") != "rate_limited" || a.Header.Get("Retry-After") == "" {
		t.Errorf("answer %d %s", a.StatusCode, a.body)
	}
	first.Close()
	for deadline := time.Now().Add(10 * time.Second); ; {
		if w.do(t, "GET", "/livez", "").StatusCode == http.StatusOK {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("a closed connection still counts")
		}
	}
}

func TestSlowHeadIsCut(t *testing.T) {
	w := begin(t, func(s *settings) { s.http.ReadHeaderTimeout = 50 * time.Millisecond })
	a := w.raw(t, "GET /health HTTP/1.1\r\nHost: a\r\n")
	a.problem(t, 400, fault.CodeMalformedRequest)
}

func TestDefaultsAreSafe(t *testing.T) {
	c := edge.HTTPDefaults()
	if c.HeadBytes != 16<<10 || c.URLBytes != 8<<10 || c.BodyBytes != 1<<20 || c.ReadHeaderTimeout != 10*time.Second ||
		c.ReadTimeout != 30*time.Second || c.IdleTimeout != 60*time.Second || len(c.TrustedProxies) != 0 {
		t.Errorf("defaults %+v", c)
	}
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	if origins := edge.CORSDefaults().AllowedOrigins; len(origins) != 0 {
		t.Errorf("origins %v are admitted by default", origins)
	}
}
