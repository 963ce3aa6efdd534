package edge

import (
	"strings"

	"github.com/platformbuilds/mirador-core/gateway/internal/edge/problem"
	"github.com/platformbuilds/mirador-core/gateway/internal/route"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

// fail turns an error into the answer. It is the only place that does.
func (e *Edge) fail(x *exchange, err error) {
	f := fault.From(err)
	x.cause = err
	x.req.Response.ResetBody()
	x.req.Response.SetStatusCode(f.Kind().HTTPStatus())
	if wait := problem.RetryAfter(f); wait != "" && len(x.req.Response.Header.Peek("Retry-After")) == 0 {
		x.set("Retry-After", wait)
	}
	if f.Kind() == fault.Unauthenticated {
		x.set("WWW-Authenticate", `Bearer realm="mirador"`)
	}
	x.set("Cache-Control", "no-store")
	switch shape(x) {
	case route.Prometheus:
		_ = x.json(f.Kind().HTTPStatus(), problem.Prometheus(f))
		return
	case route.Jaeger:
		_ = x.json(f.Kind().HTTPStatus(), problem.Jaeger(f))
		return
	}
	doc := problem.Document(f, problem.Context{Instance: instance(x.path), RequestID: x.requestID, TraceID: x.traceID()})
	_ = x.body(f.Kind().HTTPStatus(), problem.ContentType, doc)
}

// shape of the row's errors, or of the prefix that an unknown path is under.
func shape(x *exchange) route.Shape {
	if x.row() != nil {
		return x.row().Shape
	}
	return route.ShapeOf(x.path)
}

// instance is the path as text; what is not printable ASCII is left out, since
// it can only come from a head that was refused.
func instance(path string) string {
	const longest = 512
	path = strings.Map(func(r rune) rune {
		if r <= ' ' || r >= 0x7f {
			return -1
		}
		return r
	}, path)
	return path[:min(len(path), longest)]
}

func joined(list []string) string { return strings.Join(list, ", ") }
