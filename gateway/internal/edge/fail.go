package edge

import (
	"strings"

	"github.com/platformbuilds/mirador-core/gateway/internal/edge/problem"
	"github.com/platformbuilds/mirador-core/gateway/internal/route"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

// prometheusPrefix is where errors keep Prometheus' shape, known route or not.
const prometheusPrefix = "/prometheus/api/v1/"

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
	if prometheusShape(x) {
		_ = x.json(f.Kind().HTTPStatus(), problem.Prometheus(f))
		return
	}
	doc := problem.Document(f, problem.Context{Instance: instance(x.path), RequestID: x.requestID, TraceID: x.traceID()})
	_ = x.body(f.Kind().HTTPStatus(), problem.ContentType, doc)
}

func prometheusShape(x *exchange) bool {
	if x.row() != nil {
		return x.row().Shape == route.Prometheus
	}
	return strings.HasPrefix(x.path, prometheusPrefix)
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
