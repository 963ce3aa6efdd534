package edge

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/platformbuilds/mirador-core/gateway/internal/edge/head"
	"github.com/platformbuilds/mirador-core/gateway/internal/route"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

// errDone ends the steps early: the answer is complete.
var errDone = errors.New("answered")

// steps are what every request passes, in this order.
func (e *Edge) steps() []func(*exchange) error {
	return []func(*exchange) error{
		e.checkRequest, // nothing ambiguous goes on
		e.find,         // the row, whose declarations the next steps follow
		e.crossOrigin,  // CORS, and every OPTIONS
		e.limitAddress, // before a credential costs anything
		e.routed,       // 404, 405
		e.authenticate,
		e.limitIdentity,
		e.authorise,
		e.checkParameters, // no tenant, no back-end filter from a client
		e.answer,
	}
}

// serve answers one request. It is the only Fiber handler.
func (e *Edge) serve(c *fiber.Ctx) error {
	x := e.begin(c)
	err := e.run(x, e.order)
	if err != nil && !errors.Is(err, errDone) {
		e.fail(x, err)
	}
	e.secure(x)
	if !x.streaming {
		e.encode(x)
		e.finish(x)
	}
	return nil
}

// run passes the steps and turns a panic into an error.
func (e *Edge) run(x *exchange, steps []func(*exchange) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fault.New(fault.CodeInternal, "Internal error").Wrap(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	for _, step := range steps {
		if err := step(x); err != nil {
			return err
		}
	}
	return nil
}

// begin copies what the steps need out of fasthttp's buffers.
func (e *Edge) begin(c *fiber.Ctx) *exchange {
	req := c.Context()
	x := &exchange{c: c, req: req, start: e.parts.Now(), method: string(req.Method())}
	x.path = pathOf(req.Request.Header.RequestURI())
	e.origin(x)
	e.trace(x)
	return x
}

// pathOf cuts the query off. The path stays escaped: routing and guards look
// at the bytes that were sent.
func pathOf(target []byte) string {
	for i, b := range target {
		if b == '?' {
			return string(target[:i])
		}
	}
	return string(target)
}

func (e *Edge) checkHead(h *fasthttp.RequestHeader) (head.Verdict, *fault.Error) {
	return head.Check(head.Request{Method: h.Method(), Target: h.RequestURI(), Protocol: h.Protocol(), Raw: h.RawHeaders()},
		head.Limits{Target: e.cfg.URLBytes, Fields: e.cfg.HeaderLines})
}

// checkRequest refuses heads and paths that could be understood in two ways,
// and drops headers that a client must not set. The connection of a refused
// head is closed: where its next request begins is not certain.
func (e *Edge) checkRequest(x *exchange) error {
	verdict, f := e.checkHead(&x.req.Request.Header)
	if f != nil {
		x.req.SetConnectionClose()
		return f
	}
	for _, name := range verdict.Drop {
		x.req.Request.Header.Del(name)
	}
	return e.credentials(x)
}

// find looks the request up in the table. A path that may not be routed is
// refused at once; one that is only missing waits for routed, behind CORS and
// the limit of the address.
func (e *Edge) find(x *exchange) error {
	if x.method == "OPTIONS" && x.path == "*" {
		return nil
	}
	x.match, x.missing = e.table.Find(x.method, x.path)
	if errors.Is(x.missing, route.ErrPath) {
		return routeFault(x, x.missing)
	}
	return nil
}

// routed refuses what the table does not hold.
func (e *Edge) routed(x *exchange) error { return routeFault(x, x.missing) }

func routeFault(x *exchange, err error) error {
	switch {
	case errors.Is(err, route.ErrPath):
		return fault.New(fault.CodeMalformedRequest, "Malformed request path").
			WithDetail("the path holds an empty or dot segment, a backslash, or an escape that is not allowed here")
	case errors.Is(err, route.ErrMethod):
		x.set("Allow", joined(x.match.Allow))
		return fault.New(fault.CodeMethodNotAllowed, "Method not allowed").WithDetail("use one of %s", joined(x.match.Allow))
	case errors.Is(err, route.ErrUnknown):
		return fault.New(fault.CodeRouteUnknown, "No such route")
	}
	return err
}

// answer calls the row's handler; a row without one is relayed or goes through
// grpc-gateway.
func (e *Edge) answer(x *exchange) error {
	switch {
	case x.row().Transcoded():
		return e.transcode(x)
	case x.row().Relayed():
		return e.streamed(x)
	}
	return e.handlers[x.row().Handler](x)
}

// deadline gives the request its end: the server's own, or the earlier one
// that the client asked for. No handler of fasthttp hears that a client left,
// so every call needs one.
func (e *Edge) deadline(x *exchange, timeout string) error {
	longest := e.cfg.RequestTimeout
	if x.row().Long {
		longest = e.cfg.StreamTimeout
	}
	limit, err := shorter(timeout, longest)
	if err != nil {
		return err
	}
	x.ctx, x.cancel = context.WithTimeout(x.ctx, limit)
	return nil
}

// unreadable answers what fasthttp could not read.
func (e *Edge) unreadable(c *fiber.Ctx, err error) error {
	x := e.begin(c)
	if conn, ok := x.req.Conn().(*conn); ok {
		conn.linger.Store(true)
	}
	e.fail(x, e.charged(x, e.readFault(x, err)))
	e.secure(x)
	e.finish(x)
	return nil
}

func (e *Edge) readFault(x *exchange, err error) *fault.Error {
	if len(x.req.Request.Header.RawHeaders()) > 0 {
		if _, f := e.checkHead(&x.req.Request.Header); f != nil {
			return f
		}
	}
	var status *fiber.Error
	if errors.As(err, &status) {
		switch status.Code {
		case fiber.StatusRequestHeaderFieldsTooLarge:
			return fault.New(fault.CodeHeadTooLarge, "Request head too large").WithDetail("the limit is %d bytes", e.cfg.HeadBytes)
		case fiber.StatusRequestEntityTooLarge:
			return fault.New(fault.CodeTooLarge, "Request body too large").WithDetail("the limit is %d bytes", e.cfg.BodyBytes)
		case fiber.StatusRequestTimeout:
			return fault.New(fault.CodeMalformedRequest, "Request timeout").WithDetail("the request did not arrive in time")
		}
	}
	return fault.New(fault.CodeMalformedRequest, "Malformed request").Wrap(err)
}
