package edge_test

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"github.com/platformbuilds/mirador-core/libs/fault"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
)

const tailPath = "/api/v1/logs/tail"

// socket opens the tail as a WebSocket.
func (w *world) socket(query string, header http.Header) (*websocket.Conn, int, error) {
	c, resp, err := websocket.DefaultDialer.Dial("ws://"+w.addr+tailPath+query, header)
	if resp == nil {
		return c, 0, err
	}
	_ = resp.Body.Close()
	return c, resp.StatusCode, err
}

func TestTailOverWebSocket(t *testing.T) {
	w := begin(t)
	c, _, err := w.socket("?query=error&since=1767225600000&sampling=2", http.Header{"X-Session-Token": {"viewer"}})
	must(t, err)
	must(t, c.SetReadDeadline(time.Now().Add(20*time.Second)))
	_, got, err := c.ReadMessage()
	if want := `{"type":"row","data":{"_msg":"a"},"timestamp":"2026-01-01T00:00:00Z","tenant_id":"demo"}`; err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
	if r, _ := w.logs.last().(*logsv1.TailRequest); r.GetQuery() != "error" || r.GetSampling() != 2 || r.GetSince() != "2026-01-01T00:00:00Z" {
		t.Errorf("asked %v", r)
	}
	must(t, c.NetConn().Close())
	w.logs.tails.Wait()
}

func TestTailRefuses(t *testing.T) {
	w := begin(t, func(s *settings) { s.cors.AllowedOrigins = []string{"https://good.example"} })
	a := w.do(t, "GET", tailPath, "", viewer)
	a.problem(t, 426, fault.CodeUpgradeRequired)
	if a.member("error") != "WebSocket upgrade required" || a.member("example") == nil || a.Header.Get("Upgrade") != "websocket" {
		t.Errorf("%v %s", a.Header, a.body)
	}
	token := http.Header{"Authorization": {"Bearer viewer"}}
	with := func(name, value string) http.Header {
		h := token.Clone()
		h.Set(name, value)
		return h
	}
	cookie := http.Header{"Cookie": {"mirador_session=viewer"}}
	for name, tt := range map[string]struct {
		query  string
		header http.Header
		status int
	}{
		"no credential":         {"", nil, 401},
		"credential in the URL": {"?token=viewer", nil, 401},
		"no rights":             {"", http.Header{"Authorization": {"Bearer roleless"}}, 403},
		"foreign page":          {"", with("Origin", "https://bad.example"), 403},
		"look-alike page":       {"", with("Origin", "https://good.example.bad.example"), 403},
		"cookie without origin": {"", cookie, 403},
		"foreign tenant":        {"?tenantId=other", token, 403},
		"filter of a back end":  {"?extra_filters=x", token, 400},
		"bad since":             {"?since=yesterday", token, 400},
		"bad sampling":          {"?sampling=-1", token, 400},
	} {
		if c, status, err := w.socket(tt.query, tt.header); err == nil || status != tt.status {
			t.Errorf("%s: %d, %v", name, status, err)
			if c != nil {
				_ = c.Close()
			}
		}
	}
	if c, status, err := w.socket("", with("Origin", "https://good.example")); err != nil {
		t.Errorf("allowed page: %d, %v", status, err)
	} else {
		_ = c.Close()
	}
	own := cookie.Clone()
	own.Set("Origin", "http://"+w.addr)
	if c, status, err := w.socket("", own); err != nil {
		t.Errorf("own page: %d, %v", status, err)
	} else {
		_ = c.Close()
	}
	w.logs.tails.Wait()
	w.do(t, "GET", tailPath, "", viewer, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 12").problem(t, 400, fault.CodeMalformedRequest)
	w.logs.tails.Wait()
}

// Nothing is sent between two heartbeats, and still an absent client is
// noticed at once.
func TestTailAsEvents(t *testing.T) {
	w := begin(t)
	c := w.dial(t)
	_, err := io.WriteString(c, "GET "+tailPath+"?query=error&colour=red HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\nAccept-Encoding: gzip\r\n"+
		"Last-Event-ID: 2026-01-01T00:00:00.5Z\r\n"+viewer+"\r\n\r\n")
	must(t, err)
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	must(t, err)
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "text/event-stream" || resp.Header.Get("Content-Encoding") != "" || resp.Header.Get("X-Mirador-Warning") == "" {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
	r := bufio.NewReader(resp.Body)
	for line := ""; !strings.HasPrefix(line, "data: "); {
		if line, err = r.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	if got, _ := w.logs.last().(*logsv1.TailRequest); got.GetSince() != "2026-01-01T00:00:00.5Z" {
		t.Errorf("asked %v", got)
	}
	must(t, c.Close())
	w.logs.tails.Wait()
	if a := w.do(t, "HEAD", tailPath, "", viewer, "Accept: text/event-stream"); a.StatusCode != http.StatusOK {
		t.Errorf("HEAD: %d", a.StatusCode)
	}
	w.logs.tails.Wait()
}

// A shutdown ends sockets and events, so that it need not wait for clients.
func TestShutdownEndsTails(t *testing.T) {
	w := begin(t)
	c, _, err := w.socket("", http.Header{"X-Session-Token": {"viewer"}})
	must(t, err)
	must(t, c.SetReadDeadline(time.Now().Add(20*time.Second)))
	must(t, w.edge.Shutdown(t.Context()))
	for err == nil {
		_, _, err = c.ReadMessage()
	}
	if !websocket.IsCloseError(err, websocket.CloseGoingAway) {
		t.Errorf("%v", err)
	}
	_ = c.Close()
}
