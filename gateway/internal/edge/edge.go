// Package edge is the gateway's face to the world. Every request passes the
// same steps in the same order: head, request id, route, security headers,
// CORS, login, limit, access, parameters, handler. What the steps decide comes
// from the route table; what an answer looks like when one of them refuses is
// decided here and nowhere else.
package edge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/platformbuilds/mirador-core/gateway/internal/route"
	"github.com/platformbuilds/mirador-core/libs/telemetry"
)

// Handler answers one request that passed every step.
type handler func(x *exchange) error

// Edge serves HTTP. Build it with New.
type Edge struct {
	cfg      HTTPConfig
	cors     atomic.Pointer[CORSConfig]
	parts    Parts
	log      *slog.Logger
	tel      *telemetry.Telemetry
	table    *route.Table
	trusted  []netip.Prefix
	order    []func(*exchange) error
	handlers map[string]handler
	encoder  *encoder
	app      *fiber.App
}

// Parts are what the edge is built from. Every member is required unless it
// says otherwise.
type Parts struct {
	// Log and Telemetry of the process.
	Log       *slog.Logger
	Telemetry *telemetry.Telemetry
	// Table of routes.
	Table *route.Table
	// Login authenticates, Limit counts, Access decides.
	Login  Login
	Limit  Limiter
	Access Access
	// Query relays the hot rows, Streamed all others that stream, Transcoder
	// calls the RPCs that do not.
	Query      Query
	Streamed   Streamed
	Transcoder Transcoder
	// Live serves streams that do not end by themselves.
	Live Live
	// Files carries uploads and samples; UploadBytes bounds one file.
	Files       Files
	UploadBytes int
	// Health tells readiness and the state of parts.
	Health Health
	// Documents are served as they are.
	Documents Documents
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// New returns an edge for a valid configuration. It fails when a row of the
// table has no handler or a handler no row: such a build must not start.
func New(cfg HTTPConfig, cors CORSConfig, p Parts) (*Edge, error) {
	if p.Now == nil {
		p.Now = time.Now
	}
	trusted, err := prefixes(cfg.TrustedProxies)
	if err != nil {
		return nil, err
	}
	e := &Edge{cfg: cfg, parts: p, log: p.Log, tel: p.Telemetry, table: p.Table, trusted: trusted, encoder: newEncoder(p.Now)}
	e.cors.Store(&cors)
	e.order, e.handlers = e.steps(), e.natives()
	if err := e.complete(); err != nil {
		return nil, err
	}
	e.app = e.build()
	return e, nil
}

// complete compares the native rows of the table with the handlers.
func (e *Edge) complete() error {
	unused := make(map[string]bool, len(e.handlers))
	for name := range e.handlers {
		unused[name] = true
	}
	var faults error
	for _, r := range e.table.Rows() {
		if r.Handler == "" {
			continue
		}
		if e.handlers[r.Handler] == nil {
			faults = errors.Join(faults, fmt.Errorf("route %s %s has no handler %q", r.Method, r.Pattern, r.Handler))
		}
		delete(unused, r.Handler)
	}
	for name := range unused {
		faults = errors.Join(faults, fmt.Errorf("handler %q has no route", name))
	}
	return faults
}

// SetCORS puts new rules in force.
func (e *Edge) SetCORS(cors CORSConfig) { e.cors.Store(&cors) }

// build makes the Fiber app: one handler, since routing is the table's.
func (e *Edge) build() *fiber.App {
	app := fiber.New(fiber.Config{
		DisableStartupMessage: true, DisableDefaultContentType: true, CaseSensitive: true, StrictRouting: true,
		BodyLimit: e.cfg.BodyBytes, ReadBufferSize: e.cfg.HeadBytes, Concurrency: e.cfg.Connections,
		// fasthttp counts ReadTimeout anew for the body, see received.
		ReadTimeout: e.cfg.ReadHeaderTimeout, IdleTimeout: e.cfg.IdleTimeout,
		ErrorHandler: e.unreadable, DisablePreParseMultipartForm: true,
	})
	app.Use(e.serve)
	s := app.Server()
	fiberHandler := s.Handler
	s.Handler = func(ctx *fasthttp.RequestCtx) { e.dispatch(app, fiberHandler, ctx) }
	s.HeaderReceived = e.received
	s.CloseOnShutdown = true
	s.SecureErrorLogMessage = true
	return app
}

// dispatch keeps Fiber from answering unknown methods by itself.
func (e *Edge) dispatch(app *fiber.App, next fasthttp.RequestHandler, ctx *fasthttp.RequestCtx) {
	for _, m := range app.Config().RequestMethods {
		if string(ctx.Method()) == m {
			next(ctx)
			return
		}
	}
	c := app.AcquireCtx(ctx)
	defer app.ReleaseCtx(c)
	_ = e.serve(c)
}

// received sets the limits of a body once its head is known. A head that will
// be refused gets next to no body, so that nothing is read for it.
func (e *Edge) received(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	limits := fasthttp.RequestConfig{ReadTimeout: e.cfg.ReadTimeout, MaxRequestBodySize: e.bodyBytes(h)}
	if h.ContentLength() != 0 {
		if _, f := e.checkHead(h); f != nil {
			limits.MaxRequestBodySize = 1
		}
	}
	return limits
}

// Serve answers requests on the listener until Shutdown.
func (e *Edge) Serve(l net.Listener) error {
	if err := e.app.Listener(newListener(l, e.cfg)); err != nil {
		return fmt.Errorf("serve http: %w", err)
	}
	return nil
}

// Shutdown ends the live streams, stops accepting and waits for requests under
// way until ctx ends.
func (e *Edge) Shutdown(ctx context.Context) error {
	if err := e.parts.Live.Shutdown(ctx); err != nil {
		e.log.Warn("live streams were cut", "error", err)
	}
	if err := e.app.ShutdownWithContext(ctx); err != nil {
		return fmt.Errorf("shut down http: %w", err)
	}
	return nil
}
