package live_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"github.com/platformbuilds/mirador-core/libs/fault"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
)

const (
	t1 = "2026-01-01T00:00:01Z"
	t2 = "2026-01-01T00:00:02.5Z"
)

func TestRowsAndStats(t *testing.T) {
	w := begin(t)
	c := w.dial(t, "tenant=demo&user=u&query=error")
	call := w.call(t)
	if call.request.GetQuery() != "error" || call.request.GetSince() != "2026-01-01T00:00:00Z" {
		t.Errorf("asked %v", call.request)
	}
	must(t, call.send(rows(row(t1, "a"), row(t1, "b"))))
	for _, want := range []string{"a", "b"} {
		if m := next(t, c); m.Type != "row" || m.Data["_msg"] != want || m.Timestamp != t1 || m.Tenant != "demo" {
			t.Errorf("%+v, want %s", m, want)
		}
	}
	must(t, call.send(&logsv1.TailEvent{Rows: []*logsv1.TailRow{row(t2, "c")}, Dropped: 7}))
	next(t, c)
	must(t, c.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(1000, "")))
	code, before := closed(t, c)
	if len(before) != 1 || code != 1000 || before[0].Type != "stats" || before[0].Data["dropped"] != 7.0 || before[0].Data["sent"] != 3.0 || before[0].Data["sampleN"] != 1.0 {
		t.Errorf("%d %+v", code, before)
	}
	call.ended(t)
}

func TestHeartbeat(t *testing.T) {
	w := begin(t, func(s *settings) { s.parts.Heartbeat = 5 * time.Millisecond })
	c := w.dial(t, "tenant=demo")
	w.call(t)
	for range 3 {
		if m := next(t, c); m.Type != "heartbeat" || m.Data["ts"] == nil || m.Data["dropped"] != 0.0 {
			t.Errorf("%+v", m)
		}
	}
}

func TestFilterWithoutReconnect(t *testing.T) {
	w := begin(t)
	c := w.dial(t, "query=one")
	first := w.call(t)
	must(t, first.send(rows(row(t1, "a"), row(t2, "b"), row(t2, "b"))))
	for range 3 {
		next(t, c)
	}
	must(t, c.WriteJSON(map[string]any{"type": "filter", "query": "two", "sampling": 3}))
	second := w.call(t)
	if second.request.GetQuery() != "two" || second.request.GetSampling() != 3 || second.request.GetSince() != t2 {
		t.Errorf("asked %v", second.request)
	}
	if m := next(t, c); m.Type != "filter" || m.Data["query"] != "two" {
		t.Errorf("%+v", m)
	}
	first.ended(t)
	// The rows of the seam come again, and one more than before.
	must(t, second.send(rows(row(t2, "b"), row(t2, "new"), row(t2, "b"), row(t2, "b"))))
	for _, want := range []string{"new", "b"} {
		if m := next(t, c); m.Data["_msg"] != want {
			t.Errorf("%+v, want %s", m, want)
		}
	}
}

func TestBadFilterLeavesTheOldOne(t *testing.T) {
	w := begin(t)
	c := w.dial(t, "query=one")
	call := w.call(t)
	for body, want := range map[string]string{
		`{"type":"filter","query":"bad"}`:              "Invalid LogsQL query",
		`{"type":"filter"}`:                            "Invalid message",
		`{"type":"filter","query":"x","sampling":-1}`:  "Invalid message",
		`{"type":"subscribe"}`:                         "Invalid message",
		`not json`:                                     "Invalid message",
		`{"type":"filter","query":"x","sampling":"1"}`: "Invalid message",
	} {
		must(t, c.WriteMessage(websocket.TextMessage, []byte(body)))
		m := next(t, c)
		if m.Type != "error" || m.Data["error"] != want || m.Data["retrying"] != false {
			t.Errorf("%s: %+v", body, m)
		}
		if strings.Contains(body, "bad") && m.Data["position"] == nil {
			t.Errorf("no position: %+v", m)
		}
	}
	must(t, call.send(rows(row(t1, "still here"))))
	if m := next(t, c); m.Data["_msg"] != "still here" {
		t.Errorf("%+v", m)
	}
}

func TestBadQueryIsRefusedBeforeTheUpgrade(t *testing.T) {
	w := begin(t)
	if status, body := w.refused(t, "query=bad"); status != 400 || !strings.Contains(body, "Invalid LogsQL query") {
		t.Errorf("%d %s", status, body)
	}
}

// A call that breaks is told; the tail goes on where it was.
func TestResumeAfterABreak(t *testing.T) {
	w := begin(t)
	c := w.dial(t, "query=one")
	first := w.call(t)
	must(t, first.send(&logsv1.TailEvent{Rows: []*logsv1.TailRow{row(t1, "a")}, Dropped: 2}))
	next(t, c)
	first.finish <- fault.New(fault.CodeBackendDown, "Log storage unavailable")
	if m := next(t, c); m.Type != "error" || m.Data["error"] != "Log storage unavailable" || m.Data["retrying"] != true {
		t.Errorf("%+v", m)
	}
	second := w.call(t)
	if second.request.GetSince() != t1 || second.request.GetQuery() != "one" {
		t.Errorf("asked %v", second.request)
	}
	must(t, second.send(&logsv1.TailEvent{Rows: []*logsv1.TailRow{row(t1, "a"), row(t2, "b")}, Dropped: 1, Error: "again"}))
	if m := next(t, c); m.Data["_msg"] != "b" {
		t.Errorf("%+v", m)
	}
	if m := next(t, c); m.Type != "error" || m.Data["error"] != "again" {
		t.Errorf("%+v", m)
	}
	must(t, c.WriteMessage(websocket.CloseMessage, nil))
	if _, before := closed(t, c); len(before) != 1 || before[0].Data["dropped"] != 3.0 || before[0].Data["sent"] != 2.0 {
		t.Errorf("%+v", before)
	}
}

func TestCredentialIsLookedAtAgain(t *testing.T) {
	w := begin(t, func(s *settings) { s.parts.Heartbeat = 5 * time.Millisecond })
	c := w.dial(t, "tenant=demo")
	call := w.call(t)
	next(t, c)
	w.verifies(func() error { return fault.New(fault.CodeUnavailable, "sessions cannot be read") })
	next(t, c)
	next(t, c)
	w.verifies(func() error { return fault.New(fault.CodeTokenInvalid, "Invalid authentication token") })
	if code, _ := closed(t, c); code != 4401 {
		t.Errorf("closed with %d", code)
	}
	call.ended(t)
}

func TestShutdown(t *testing.T) {
	w := begin(t)
	a, b := w.dial(t, "user=a"), w.dial(t, "user=b")
	w.call(t)
	w.call(t)
	done := make(chan error, 1)
	go func() { done <- w.hub.Shutdown(context.Background()) }()
	for _, c := range []*websocket.Conn{a, b} {
		if code, before := closed(t, c); code != 1001 || len(before) != 1 || before[0].Type != "stats" {
			t.Errorf("%d %+v", code, before)
		}
	}
	must(t, <-done)
	if status, _ := w.refused(t, "user=c"); status != 503 {
		t.Errorf("after shutdown: %d", status)
	}
}

func TestCaps(t *testing.T) {
	w := begin(t, func(s *settings) { s.cfg.MaxConnections, s.cfg.MaxPerTenant, s.cfg.MaxPerUser = 3, 2, 1 })
	a := w.dial(t, "tenant=x&user=a")
	w.call(t)
	if status, body := w.refused(t, "tenant=x&user=a"); status != 429 || !strings.Contains(body, "you have") {
		t.Errorf("user: %d %s", status, body)
	}
	w.dial(t, "tenant=x&user=b")
	w.call(t)
	if status, body := w.refused(t, "tenant=x&user=c"); status != 429 || !strings.Contains(body, "your tenant") {
		t.Errorf("tenant: %d %s", status, body)
	}
	w.dial(t, "tenant=y&user=a")
	w.call(t)
	if status, body := w.refused(t, "tenant=z&user=a"); status != 429 || !strings.Contains(body, "this server") {
		t.Errorf("all: %d %s", status, body)
	}
	must(t, a.WriteMessage(websocket.CloseMessage, nil))
	closed(t, a)
	again := eventually(t, func() (*websocket.Conn, error) {
		c, resp, err := websocket.DefaultDialer.Dial("ws://"+w.addr+"/?tenant=x&user=a", nil)
		if resp != nil {
			_ = resp.Body.Close()
		}
		return c, err
	})
	_ = again.Close()
}

// eventually tries until it works: a seat is given back after the close frame.
func eventually[T any](t *testing.T, try func() (T, error)) T {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		v, err := try()
		if err == nil {
			return v
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

func TestSwitchedOff(t *testing.T) {
	w := begin(t, func(s *settings) { s.cfg.Enabled = false })
	if status, _ := w.refused(t, ""); status != 503 {
		t.Errorf("%d", status)
	}
}

func TestInboundIsBounded(t *testing.T) {
	big := `{"type":"filter","query":"` + strings.Repeat("x", 80<<10) + `"}`
	tests := []struct {
		name string
		send func(c *websocket.Conn) error
		code int
	}{
		{"too big", func(c *websocket.Conn) error { return c.WriteMessage(websocket.TextMessage, []byte(big)) }, 1009},
		{"too big in fragments", func(c *websocket.Conn) error {
			m, err := c.NextWriter(websocket.TextMessage)
			for i := 0; err == nil && i < len(big); i += 1 << 10 {
				_, err = m.Write([]byte(big[i:min(len(big), i+1<<10)]))
			}
			return err
		}, 1009},
		{"binary", func(c *websocket.Conn) error { return c.WriteMessage(websocket.BinaryMessage, []byte("{}")) }, 1003},
		{"not UTF-8", func(c *websocket.Conn) error { return c.WriteMessage(websocket.TextMessage, []byte("\xff")) }, 1007},
		{"too often", func(c *websocket.Conn) error {
			var err error
			for range 50 {
				err = errors.Join(err, c.WriteMessage(websocket.TextMessage, []byte("{}")))
			}
			return err
		}, 1008},
		{"pings too often", func(c *websocket.Conn) error {
			var err error
			for range 50 {
				err = errors.Join(err, c.WriteMessage(websocket.PingMessage, nil))
			}
			return err
		}, 1008},
		{"unmasked", func(c *websocket.Conn) error { _, err := c.NetConn().Write([]byte{0x81, 0x01, 'x'}); return err }, 1002},
		{"reserved bits", func(c *websocket.Conn) error {
			_, err := c.NetConn().Write([]byte{0xf1, 0x81, 0, 0, 0, 0, 'x'})
			return err
		}, 1002},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := begin(t)
			c := w.dial(t, "")
			call := w.call(t)
			// The other end may cut the connection before it has read everything.
			_ = tt.send(c)
			if code, _ := closed(t, c); code != tt.code {
				t.Errorf("closed with %d, want %d", code, tt.code)
			}
			call.ended(t)
		})
	}
}

// However clients leave, nothing of them stays: no goroutine (TestMain), no
// call, no seat.
func TestClientsThatVanish(t *testing.T) {
	w := begin(t, func(s *settings) { s.cfg.MaxConnections, s.cfg.MaxPerTenant, s.cfg.MaxPerUser = 1, 1, 1 })
	for i := range 200 {
		c := eventually(t, func() (*websocket.Conn, error) {
			c, resp, err := websocket.DefaultDialer.Dial("ws://"+w.addr+"/?tenant=t&user=u", nil)
			if resp != nil {
				_ = resp.Body.Close()
			}
			return c, err
		})
		call := w.call(t)
		if i%2 == 0 {
			must(t, call.send(rows(row(t1, fmt.Sprint(i)))))
		}
		if tcp, ok := c.NetConn().(*net.TCPConn); ok && i%3 == 0 {
			must(t, tcp.SetLinger(0))
		}
		must(t, c.NetConn().Close())
		call.ended(t)
	}
	w.logs.open.Wait()
}
