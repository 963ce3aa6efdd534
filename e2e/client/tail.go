package client

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
)

// Tail is an open WebSocket of a log tail.
type Tail struct {
	conn *websocket.Conn
}

// Frame is one message of a tail.
type Frame struct {
	// Type is row, heartbeat, stats, filter or error.
	Type string `json:"type"`
	// Data of the message.
	Data map[string]any `json:"data"`
	// Tenant that the message belongs to.
	Tenant string `json:"tenant_id"`
}

// Tail opens the WebSocket at a path.
func (c *Client) Tail(t *testing.T, path string) *Tail {
	t.Helper()
	conn, resp, err := c.Upgrade(path) //nolint:bodyclose // Upgrade closed it
	if err != nil {
		status := 0
		if resp != nil {
			status = resp.StatusCode
		}
		t.Fatalf("upgrade %s: %v (status %d)", path, err, status)
	}
	return &Tail{conn}
}

// Upgrade asks for a WebSocket with further headers ("Name: value").
func (c *Client) Upgrade(path string, headers ...string) (*websocket.Conn, *http.Response, error) {
	header := http.Header{}
	if c.Token != "" {
		header.Set("Authorization", "Bearer "+c.Token)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		header.Set(name, value)
	}
	dialer := websocket.Dialer{HandshakeTimeout: timeout}
	conn, resp, err := dialer.Dial("ws"+strings.TrimPrefix(c.URL, "http")+path, header)
	if resp != nil && resp.Body != nil {
		resp.Body.Close()
	}
	return conn, resp, err
}

// Next waits for the next frame of a type and skips others.
func (tail *Tail) Next(t *testing.T, kind string) Frame {
	t.Helper()
	if err := tail.conn.SetReadDeadline(time.Now().Add(timeout)); err != nil {
		t.Fatal(err)
	}
	for {
		_, text, err := tail.conn.ReadMessage()
		if err != nil {
			t.Fatalf("wait for %s: %v", kind, err)
		}
		var f Frame
		if err := json.Unmarshal(text, &f); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if f.Type == kind {
			return f
		}
	}
}

// Send sends a message.
func (tail *Tail) Send(t *testing.T, message any) {
	t.Helper()
	if err := tail.conn.WriteJSON(message); err != nil {
		t.Fatal(err)
	}
}

// Vanish cuts the connection without a goodbye.
func (tail *Tail) Vanish() { tail.conn.NetConn().Close() }
