package edge

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/platformbuilds/mirador-core/gateway/internal/route"
	"github.com/platformbuilds/mirador-core/gateway/internal/transcode"
)

// Transcoder calls RPCs with an HTTP binding; transcode.Transcoder is one.
type Transcoder interface {
	Call(ctx context.Context, r transcode.Request) (transcode.Response, error)
}

// transcode serves a row through grpc-gateway.
func (e *Edge) transcode(x *exchange) error {
	timeout, err := x.in.query.One("timeout")
	if err != nil {
		return err //nolint:wrapcheck // a fault for the caller
	}
	if err := e.deadline(x, timeout); err != nil {
		return err
	}
	r := rpcRequest(x)
	r.IfMatch = x.header("If-Match")
	answer, err := e.parts.Transcoder.Call(x.ctx, r)
	if err != nil {
		return late(err, "the service")
	}
	x.warn(ignored(x))
	if answer.ETag != "" {
		return e.version(x, answer)
	}
	if x.row().Method == http.MethodGet {
		return e.tagged(x, jsonType, x.withWarnings(answer.Body))
	}
	return x.json(answer.Status, x.withWarnings(answer.Body))
}

// version answers with the ETag of the service, which names what a later write
// may ask for with If-Match.
func (e *Edge) version(x *exchange, answer transcode.Response) error {
	if x.row().Method == http.MethodGet {
		return e.named(x, answer.ETag, jsonType, x.withWarnings(answer.Body))
	}
	x.set("ETag", answer.ETag)
	return x.json(answer.Status, x.withWarnings(answer.Body))
}

func rpcRequest(x *exchange) transcode.Request {
	r := transcode.Request{Row: x.row(), Params: x.match.Params, Query: string(x.req.URI().QueryString())}
	if x.in.members != nil {
		r.Body = slices.Clone(x.req.Request.Body())
	}
	if len(x.in.form.Pairs()) > 0 {
		r.Row, r.Query = formRow(x.row()), string(x.req.Request.Body())
	}
	return r
}

// formRow makes a form POST the GET that means the same: the names of a form
// are those of a query string.
func formRow(r *route.Row) *route.Row {
	get := *r
	get.Method = http.MethodGet
	return &get
}

// ignored names the members of a read that its message does not have.
func ignored(x *exchange) []string {
	if x.row().Effect != route.Read {
		return nil
	}
	var warnings []string
	for _, name := range slices.Sorted(maps.Keys(x.in.members)) {
		if !transcode.Known(x.row().RPC, name) {
			warnings = append(warnings, "unknown parameter "+strconv.Quote(name)+" is ignored")
		}
	}
	return warnings
}
