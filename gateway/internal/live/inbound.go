package live

import (
	"encoding/json"
	"errors"
	"io"
	"time"
	"unicode/utf8"

	"github.com/fasthttp/websocket"

	"github.com/platformbuilds/mirador-core/libs/fault"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
)

const (
	// burst messages and pings may come at once, perSecond in the long run.
	burst     = 20
	perSecond = 5
)

// pace is a bucket that fills with time.
type pace struct {
	level float64
	at    time.Time
}

// take tells whether one more is allowed now.
func (p *pace) take(now time.Time) bool {
	if p.at.IsZero() {
		p.level = burst
	} else {
		p.level = min(burst, p.level+perSecond*now.Sub(p.at).Seconds())
	}
	p.at = now
	if p.level < 1 {
		return false
	}
	p.level--
	return true
}

// errPace says that a client sends too much.
var errPace = errors.New("too many messages")

// read takes what the client sends until it leaves, breaks a rule, or the
// session ends. It ends the session in its turn.
func (x *socket) read() {
	defer x.session.seat.cancel()
	var p pace
	x.conn.SetReadLimit(int64(x.session.hub.cfg.MaxMessageSize))
	x.handlers(&p)
	for {
		kind, message, err := x.conn.ReadMessage()
		switch {
		case err != nil && x.left(err):
			return
		case err != nil:
		case kind != websocket.TextMessage:
			x.refuse(closeUnsupported, "messages must be texts")
		case !utf8.Valid(message):
			x.refuse(closeInvalid, "messages must be UTF-8")
		case !p.take(time.Now()):
			x.refuse(closePolicy, errPace.Error())
		case x.pass(parse(message)):
			continue
		}
		if x.session.seat.ctx.Err() != nil {
			// A connection that is closed with something unread is reset, and the
			// close frame with it.
			_, _ = io.Copy(io.Discard, x.conn.NetConn())
		}
		return
	}
}

// handlers keeps the connection open as long as the peer answers, counts its
// pings, and leaves the answer to its close frame to the session.
func (x *socket) handlers(p *pace) {
	silence := 2*x.session.hub.cfg.PingInterval + WriteTimeout
	alive := func() {
		if x.session.seat.ctx.Err() == nil {
			_ = x.conn.SetReadDeadline(time.Now().Add(silence))
		}
	}
	alive()
	x.conn.SetPongHandler(func(string) error { alive(); return nil })
	x.conn.SetPingHandler(func(data string) error {
		if !p.take(time.Now()) {
			return errPace
		}
		alive()
		return x.conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(WriteTimeout))
	})
	x.conn.SetCloseHandler(func(int, string) error { return nil })
}

// left ends the session of a client that closed, which is true, or broke a rule
// while it was read. What the library has answered itself is not answered again.
func (x *socket) left(err error) bool {
	var closed *websocket.CloseError
	switch {
	case errors.As(err, &closed):
		x.refuse(closeNormal, "")
		return true
	case errors.Is(err, errPace):
		x.refuse(closePolicy, errPace.Error())
	case errors.Is(err, websocket.ErrReadLimit):
		x.refuse(closeTooBig, "message too big")
	}
	return false
}

// refuse asks the session to end and waits until it has.
func (x *socket) refuse(code int, reason string) {
	x.session.seat.end(ending{code, reason})
	<-x.session.seat.ctx.Done()
}

// pass gives a command to the session; false means that the session is over.
func (x *socket) pass(c command) bool {
	select {
	case x.commands <- c:
		return true
	case <-x.session.seat.ctx.Done():
		return false
	}
}

// parse reads a message of a client.
func parse(message []byte) command {
	var m struct {
		Type     string  `json:"type"`
		Query    *string `json:"query"`
		Sampling int32   `json:"sampling"`
	}
	bad := fault.New(fault.CodeInvalidRequest, "Invalid message")
	switch err := json.Unmarshal(message, &m); {
	case err != nil:
		return command{fault: bad.WithDetail(`send {"type":"filter","query":"...","sampling":1}`)}
	case m.Type != frameFilter:
		return command{fault: bad.WithDetail("the only type is filter")}
	case m.Query == nil:
		return command{fault: bad.WithDetail("query is required")}
	case m.Sampling < 0:
		return command{fault: bad.WithDetail("sampling must not be negative")}
	}
	return command{request: &logsv1.TailRequest{Query: *m.Query, Sampling: m.Sampling}}
}
