package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/fasthttp/websocket"
	"github.com/valyala/fasthttp"

	"github.com/platformbuilds/mirador-core/libs/fault"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
)

const (
	// WriteTimeout is how long a client may take to accept what is sent.
	WriteTimeout = 10 * time.Second
	// farewell is how long a close frame waits for its answer.
	farewell = time.Second
)

// IsUpgrade tells whether a request asks for a WebSocket.
func IsUpgrade(ctx *fasthttp.RequestCtx) bool { return websocket.FastHTTPIsWebSocketUpgrade(ctx) }

// Socket answers the request with a WebSocket that tails logs from a place.
// The caller has checked the credential and the origin. A fault means that the
// connection is still HTTP.
func (h *Hub) Socket(ctx context.Context, req *fasthttp.RequestCtx, c Caller, r *logsv1.TailRequest, from Place) error {
	s, err := h.start(ctx, "logs", c, r, from)
	if err != nil {
		return err
	}
	up := websocket.FastHTTPUpgrader{ReadBufferSize: 4 << 10, WriteBufferSize: 16 << 10,
		CheckOrigin: func(*fasthttp.RequestCtx) bool { return true }, Error: func(*fasthttp.RequestCtx, int, error) {}}
	if err := up.Upgrade(req, func(conn *websocket.Conn) { h.serve(conn, s) }); err != nil {
		s.abandon()
		return fault.New(fault.CodeMalformedRequest, "Malformed WebSocket handshake").WithDetail("it needs Sec-WebSocket-Key and version 13").Wrap(err)
	}
	return nil
}

// abandon ends a session that never began.
func (s *session) abandon() {
	s.up.close()
	s.seat.leave()
}

// serve runs on the goroutine that the web server gives a connection after its
// upgrade; a panic would end the process.
func (h *Hub) serve(conn *websocket.Conn, s *session) {
	defer s.seat.leave()
	defer func() { _ = conn.Close() }()
	defer func() {
		if p := recover(); p != nil {
			h.parts.Log.Error("panic in a live stream", slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
		}
	}()
	if !s.seat.begin() {
		s.abandon()
		return
	}
	x := &socket{conn: conn, session: s, tenant: s.caller.Tenant, commands: make(chan command)}
	s.out, s.commands = x, x.commands
	var reader sync.WaitGroup
	reader.Go(x.read)
	x.close(s.run())
	s.seat.cancel()
	cut := time.AfterFunc(farewell, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })
	reader.Wait()
	cut.Stop()
}

// socket is a WebSocket. The session's goroutine writes, another one reads.
type socket struct {
	conn     *websocket.Conn
	session  *session
	tenant   string
	commands chan command
	buf      []byte
}

// send implements sink.
func (x *socket) send(frames []frame) error {
	if err := x.conn.SetWriteDeadline(time.Now().Add(WriteTimeout)); err != nil {
		return fmt.Errorf("set write deadline: %w", err)
	}
	for _, f := range frames {
		x.buf = f.appendJSON(x.buf[:0], x.tenant)
		if err := x.conn.WriteMessage(websocket.TextMessage, x.buf); err != nil {
			return slow(err)
		}
	}
	return nil
}

// ping implements sink.
func (x *socket) ping() error {
	return slow(x.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(WriteTimeout)))
}

// slow tells a client that takes nothing from one that is gone.
func slow(err error) error {
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return errSlow
	}
	return err
}

// close sends the last frames. A client that is gone, or was told by the
// reader, gets none.
func (x *socket) close(e ending) {
	if e.code == 0 {
		return
	}
	deadline := time.Now().Add(farewell)
	_ = x.conn.SetWriteDeadline(deadline)
	if e.code != closeTryAgain {
		x.buf = x.session.stats().appendJSON(x.buf[:0], x.tenant)
		_ = x.conn.WriteMessage(websocket.TextMessage, x.buf)
	}
	_ = x.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(e.code, e.reason), deadline)
}
