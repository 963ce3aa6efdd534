package head_test

import (
	"bufio"
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"
	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/gateway/internal/edge/head"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func limits() head.Limits { return head.Limits{Target: 64, Fields: 10} }

func request(line, fields string) head.Request {
	parts := strings.SplitN(line, " ", 3)
	return head.Request{Method: []byte(parts[0]), Target: []byte(parts[1]), Protocol: []byte(parts[2]), Raw: []byte(fields + "\r\n")}
}

func TestCheck(t *testing.T) {
	const get, host = "GET / HTTP/1.1", "Host: a\r\n"
	tests := []struct {
		name, line, fields string
		want               fault.Code
	}{
		{"plain", get, host, ""},
		{"port and IPv6", get, "Host: [::1]:8080\r\n", ""},
		{"old without host", "GET / HTTP/1.0", "Accept: x\r\n", ""},
		{"post", "POST / HTTP/1.1", host + "Content-Length: 5\r\n", ""},
		{"chunked", "POST / HTTP/1.1", host + "Transfer-Encoding: chunked\r\n", ""},
		{"get with empty body", get, host + "Content-Length: 0\r\n", ""},
		{"identity encoding", "POST / HTTP/1.1", host + "Content-Encoding: identity\r\n", ""},
		{"options of the server", "OPTIONS * HTTP/1.1", host, ""},
		{"tab in a value", get, host + "A: b\tc\r\n", ""},

		{"no host", get, "A: b\r\n", fault.CodeMalformedRequest},
		{"two hosts", get, host + host, fault.CodeMalformedRequest},
		{"two hosts, old", "GET / HTTP/1.0", host + "hOST: b\r\n", fault.CodeMalformedRequest},
		{"empty host", get, "Host: \r\n", fault.CodeMalformedRequest},
		{"host with path", get, "Host: a/b\r\n", fault.CodeMalformedRequest},
		{"host with user", get, "Host: u@a\r\n", fault.CodeMalformedRequest},
		{"length and coding", "POST / HTTP/1.1", host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", fault.CodeMalformedRequest},
		{"two lengths", "POST / HTTP/1.1", host + "Content-Length: 5\r\nContent-Length: 5\r\n", fault.CodeMalformedRequest},
		{"signed length", "POST / HTTP/1.1", host + "Content-Length: +5\r\n", fault.CodeMalformedRequest},
		{"list of lengths", "POST / HTTP/1.1", host + "Content-Length: 5, 5\r\n", fault.CodeMalformedRequest},
		{"endless length", "POST / HTTP/1.1", host + "Content-Length: 9999999999999999999\r\n", fault.CodeMalformedRequest},
		{"unknown coding", "POST / HTTP/1.1", host + "Transfer-Encoding: xchunked\r\n", fault.CodeMalformedRequest},
		{"two codings", "POST / HTTP/1.1", host + "Transfer-Encoding: gzip, chunked\r\n", fault.CodeMalformedRequest},
		{"identity coding", "POST / HTTP/1.1", host + "Transfer-Encoding: identity\r\n", fault.CodeMalformedRequest},
		{"coding, old", "POST / HTTP/1.0", host + "Transfer-Encoding: chunked\r\n", fault.CodeMalformedRequest},
		{"get with body", get, host + "Content-Length: 5\r\n", fault.CodeMalformedRequest},
		{"upgrade with body", "POST / HTTP/1.1", host + "Upgrade: websocket\r\nContent-Length: 5\r\n", fault.CodeMalformedRequest},
		{"space before colon", get, host + "A : b\r\n", fault.CodeMalformedRequest},
		{"space in name", get, host + "A b: c\r\n", fault.CodeMalformedRequest},
		{"no colon", get, host + "A\r\n", fault.CodeMalformedRequest},
		{"no name", get, host + ": b\r\n", fault.CodeMalformedRequest},
		{"NUL", get, host + "A: b\x00c\r\n", fault.CodeMalformedRequest},
		{"bare CR", get, host + "A: b\rc\r\n", fault.CodeMalformedRequest},
		{"bare LF", get, "Host: a\nA: b\r\n", fault.CodeMalformedRequest},
		{"fold", get, host + "A: b\r\n c\r\n", fault.CodeMalformedRequest},
		{"fold at once", get, " A: b\r\n" + host, fault.CodeMalformedRequest},
		{"version 2", "GET / HTTP/2.0", host, fault.CodeMalformedRequest},
		{"version 1.2", "GET / HTTP/1.2", host, fault.CodeMalformedRequest},
		{"absolute target", "GET http://b/ HTTP/1.1", host, fault.CodeMalformedRequest},
		{"star target", "GET * HTTP/1.1", host, fault.CodeMalformedRequest},
		{"fragment", "GET /a#b HTTP/1.1", host, fault.CodeMalformedRequest},
		{"not ASCII", "GET /é HTTP/1.1", host, fault.CodeMalformedRequest},
		{"two content types", "POST / HTTP/1.1", host + "Content-Type: a/b\r\nContent-Type: c/d\r\n", fault.CodeMalformedRequest},
		{"two authorizations", get, host + "Authorization: a\r\nauthorization: b\r\n", fault.CodeCredentialsMany},
		{"two cookies", get, host + "Cookie: a=b\r\nCookie: c=d\r\n", fault.CodeCredentialsMany},
		{"gzip body", "POST / HTTP/1.1", host + "Content-Encoding: gzip\r\n", fault.CodeUnsupportedMedia},
		{"long target", "GET /" + strings.Repeat("a", 64) + " HTTP/1.1", host, fault.CodeHeadTooLarge},
		{"many fields", get, host + strings.Repeat("A: b\r\n", 10), fault.CodeHeadTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, f := head.Check(request(tt.line, tt.fields), limits())
			switch {
			case tt.want == "" && f != nil:
				t.Errorf("refused: %v", f)
			case tt.want != "" && f == nil:
				t.Error("passed")
			case f != nil && f.Code != tt.want:
				t.Errorf("code %s, want %s", f.Code, tt.want)
			}
		})
	}
}

func TestDrop(t *testing.T) {
	drop := []string{"X-Tenant-ID", "x_tenant_id", "AccountID", "ProjectID", "X-User-Id", "X-Original-URL", "X-HTTP-Method-Override",
		"Grpc-Metadata-X", "X-Mirador-Identity"}
	l := head.Limits{Target: 64, Fields: 100}
	fields := "Host: a\r\nAccept: b\r\nX-Session-Token: c\r\nUser-Agent: d\r\nX-Request-ID: e\r\n"
	for _, name := range drop {
		fields += name + ": 1\r\n"
	}
	v, f := head.Check(request("GET / HTTP/1.1", fields), l)
	if f != nil || !slices.Equal(v.Drop, drop) {
		t.Errorf("drop %v, %v; want %v", v.Drop, f, drop)
	}
}

// What passes here and what fasthttp read must be what net/http reads: a head
// that servers understand differently is a way past one of them.
func FuzzCheck(f *testing.F) {
	for _, s := range []string{
		"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n", "GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\nHost: a\n\n",
		"GET /x HTTP/1.1\r\nHost: a\r\nA : b\r\n\r\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		var h fasthttp.RequestHeader
		if h.Read(bufio.NewReaderSize(bytes.NewReader(message), 1<<16)) != nil {
			return
		}
		_, refused := head.Check(head.Request{Method: h.Method(), Target: h.RequestURI(), Protocol: h.Protocol(), Raw: h.RawHeaders()}, limits())
		if refused != nil {
			return
		}
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(message)))
		if err != nil {
			return // net/http is stricter than the RFC in places, which is its right
		}
		if r.Method != string(h.Method()) || r.RequestURI != string(h.RequestURI()) || r.Host != string(h.Host()) {
			t.Errorf("%q is read as %s %s of %q and as %s %s of %q", message, h.Method(), h.RequestURI(), h.Host(), r.Method, r.RequestURI, r.Host)
		}
		if chunked := len(r.TransferEncoding) > 0; chunked != (h.ContentLength() == -1) && !h.IsGet() && !h.IsHead() {
			t.Errorf("%q: chunked %v, length %d", message, chunked, h.ContentLength())
		}
	})
}
