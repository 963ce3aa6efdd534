package edge

import (
	"context"
	"crypto/rand"
	"encoding/hex"

	"github.com/valyala/fasthttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/platformbuilds/mirador-core/libs/telemetry"
)

const (
	minRequestID = 8
	maxRequestID = 128
)

// trace names the request: the client's id when it has the right form, else a
// new one, and the client's trace when it sent one.
func (e *Edge) trace(x *exchange) {
	x.requestID = x.header("X-Request-ID")
	if !validRequestID(x.requestID) {
		x.requestID = newRequestID()
	}
	x.set("X-Request-ID", x.requestID)
	ctx := telemetry.WithRequestID(context.Background(), x.requestID)
	ctx = propagation.TraceContext{}.Extract(ctx, carrier{&x.req.Request.Header})
	x.ctx, x.span = e.tel.Tracer.Start(ctx, "HTTP "+x.method, trace.WithSpanKind(trace.SpanKindServer))
	x.cancel = func() {}
}

func validRequestID(id string) bool {
	if len(id) < minRequestID || len(id) > maxRequestID {
		return false
	}
	for i := range len(id) {
		c := id[i]
		alnum := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !alnum && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// newRequestID draws 128 bits; crypto/rand does not fail.
func newRequestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// traceID of the request, or "" when it is part of no trace.
func (x *exchange) traceID() string {
	if sc := trace.SpanContextFromContext(x.ctx); sc.HasTraceID() {
		return sc.TraceID().String()
	}
	return ""
}

// carrier lets the propagator read request headers.
type carrier struct{ h *fasthttp.RequestHeader }

// Get returns a copy of the header.
func (c carrier) Get(key string) string { return string(c.h.Peek(key)) }

// Set is never called: the carrier is only read.
func (c carrier) Set(string, string) {}

// Keys is not needed by the W3C propagator.
func (c carrier) Keys() []string { return nil }
