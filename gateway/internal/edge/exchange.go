package edge

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
	"go.opentelemetry.io/otel/trace"

	"github.com/platformbuilds/mirador-core/gateway/internal/login"
	"github.com/platformbuilds/mirador-core/gateway/internal/route"
	"github.com/platformbuilds/mirador-core/libs/identity"
)

// exchange is one request and its answer. The steps of the edge fill it, the
// access log and the metrics are written from it once at the end. It belongs
// to the goroutine of the request; what outlives the handler takes copies.
type exchange struct {
	c   *fiber.Ctx
	req *fasthttp.RequestCtx

	start     time.Time
	ctx       context.Context //nolint:containedctx // it is the request itself, and ends with it
	cancel    context.CancelFunc
	guards    context.Context //nolint:containedctx // as above
	unguard   context.CancelFunc
	unwatch   func()
	span      trace.Span
	requestID string
	method    string
	path      string
	client    string
	tls       bool

	match     route.Match
	missing   error
	in        input
	principal *login.Principal
	source    source
	warnings  []string

	// streaming answers are finished by their stream.
	streaming bool
	// stored answers are sent again byte by byte; their encoding is kept.
	stored bool
	cause  error
}

// header returns a copy of a request header.
func (x *exchange) header(name string) string {
	return string(x.req.Request.Header.Peek(name))
}

// set sets a header of the answer.
func (x *exchange) set(name, value string) {
	x.req.Response.Header.Set(name, value)
}

// identity of the caller; nil before authentication and for strangers.
func (x *exchange) identity() *identity.Identity {
	if x.principal == nil {
		return nil
	}
	return x.principal.Identity
}

// tenant of the caller, or "".
func (x *exchange) tenant() string {
	if id := x.identity(); id != nil {
		return id.Tenant
	}
	return ""
}

// row of the request, or nil while there is none.
func (x *exchange) row() *route.Row { return x.match.Row }

// endpoint is the pattern for metrics: never a path, which a client chooses.
func (x *exchange) endpoint() string {
	if x.row() == nil {
		return "unmatched"
	}
	return x.row().Pattern
}

// json answers with a body that is already encoded.
func (x *exchange) json(status int, body []byte) error {
	return x.body(status, "application/json", body)
}

// body answers with bytes that must not be changed afterwards.
func (x *exchange) body(status int, contentType string, body []byte) error {
	x.req.Response.SetStatusCode(status)
	x.req.Response.Header.SetContentType(contentType)
	x.req.Response.SetBodyRaw(body)
	return nil
}

// redirect leads to a fixed path of this server.
func (x *exchange) redirect(to string) error {
	x.set("Location", to)
	x.req.Response.SetStatusCode(fiber.StatusFound)
	return nil
}
