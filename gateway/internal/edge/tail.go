package edge

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/platformbuilds/mirador-core/gateway/internal/live"
	"github.com/platformbuilds/mirador-core/gateway/internal/transcode/message"
	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/timeparam"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
)

// Live serves streams that do not end by themselves; live.Hub is one.
type Live interface {
	Socket(ctx context.Context, req *fasthttp.RequestCtx, c live.Caller, r *logsv1.TailRequest, from live.Place) error
	Events(ctx context.Context, c live.Caller, r *logsv1.TailRequest, from live.Place) (io.ReadCloser, error)
	Shutdown(ctx context.Context) error
}

const (
	eventStream = "text/event-stream"
	// tailSince is where a tail begins when the client does not say.
	tailSince = 5 * time.Minute
)

// tail sends log rows as they arrive, over a WebSocket or as server-sent
// events.
func (e *Edge) tail(x *exchange) error {
	socket := live.IsUpgrade(x.req)
	if !socket && !accepts(x.header("Accept"), eventStream) {
		x.set("Upgrade", "websocket")
		return upgradeRequired()
	}
	if err := e.sameOrigin(x, socket); err != nil {
		return err
	}
	r, from, err := e.tailRequest(x)
	if err != nil {
		return err
	}
	if c, ok := x.req.Conn().(*conn); ok {
		c.write = live.WriteTimeout
	}
	if socket {
		return e.parts.Live.Socket(x.ctx, x.req, e.caller(x), r, from) //nolint:wrapcheck // a fault for the caller
	}
	return e.events(x, r, from)
}

// upgradeRequired is the contract's answer to a plain request.
func upgradeRequired() error {
	return fault.New(fault.CodeUpgradeRequired, "WebSocket upgrade required").
		WithDetail("open this route as a WebSocket, or send Accept: text/event-stream for server-sent events").
		WithExtra("example", "wss://<host>/api/v1/logs/tail?query=error")
}

// accepts tells whether an Accept header names a media type.
func accepts(header, mediaType string) bool {
	for item := range strings.SplitSeq(header, ",") {
		if t, _, err := mime.ParseMediaType(item); err == nil && t == mediaType {
			return true
		}
	}
	return false
}

// sameOrigin holds WebSockets to pages of this server or of allowed origins:
// browsers open them from any page, and send cookies along.
func (e *Edge) sameOrigin(x *exchange, socket bool) error {
	origin := x.header("Origin")
	if !socket || origin == "" && x.source != sessionCookie || origin == e.self(x) || e.cors.Load().allows(origin) {
		return nil
	}
	return fault.New(fault.CodeOriginRefused, "Access denied: origin refused").
		WithDetail("a WebSocket needs an Origin header of this server or of an allowed origin")
}

// tailRequest reads the parameters. A time that is relative to now is made
// absolute, so that a resume does not move it.
func (e *Edge) tailRequest(x *exchange) (*logsv1.TailRequest, live.Place, error) {
	now := e.parts.Now()
	m, unknown, err := message.Build(x.row().RPC, x.parameters())
	if err != nil {
		return nil, live.Place{}, message.Named(x.row(), err)
	}
	r, ok := m.(*logsv1.TailRequest)
	if !ok {
		return nil, live.Place{}, fmt.Errorf("%s is not a tail", x.row().RPC)
	}
	if r.GetSampling() < 0 {
		return nil, live.Place{}, fault.New(fault.CodeInvalidRequest, badRequest(x.row())).WithField("sampling", "must not be negative")
	}
	x.warn(message.Warnings(unknown))
	if last := x.header("Last-Event-ID"); last != "" {
		from, err := live.ParsePlace(last, now)
		if err != nil {
			return nil, from, fault.New(fault.CodeInvalidTime, badRequest(x.row())).WithField("Last-Event-ID", "is not the id of an event")
		}
		return r, from, nil
	}
	if r.GetSince() == "" {
		return r, live.Place{Time: now.Add(-tailSince)}, nil
	}
	since, err := timeparam.Time("since", r.GetSince(), now)
	return r, live.Place{Time: since}, err //nolint:wrapcheck // a fault for the caller
}

// events answers with server-sent events.
func (e *Edge) events(x *exchange, r *logsv1.TailRequest, from live.Place) error {
	body, err := e.parts.Live.Events(x.ctx, e.caller(x), r, from)
	if err != nil {
		return err //nolint:wrapcheck // a fault for the caller
	}
	x.req.Response.Header.SetContentType(eventStream)
	x.set("X-Accel-Buffering", "no") // proxies that gather would hold rows back
	if x.method == http.MethodHead {
		headOnly(x)
		return body.Close() //nolint:wrapcheck // nothing of it was sent
	}
	x.watch(func() { _ = body.Close() })
	x.streaming = true
	x.req.Response.SetStatusCode(http.StatusOK)
	x.req.Response.SetBodyStream(&eventBody{body, e, x}, -1)
	return nil
}

// eventBody finishes the exchange when its stream ends.
type eventBody struct {
	io.ReadCloser
	e *Edge
	x *exchange
}

// Close implements io.Closer; fasthttp calls it once.
func (b *eventBody) Close() error {
	err := b.ReadCloser.Close()
	b.e.finish(b.x)
	return err //nolint:wrapcheck // nobody reads it
}
