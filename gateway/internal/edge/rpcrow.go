package edge

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/platformbuilds/mirador-core/gateway/internal/route"
	"github.com/platformbuilds/mirador-core/gateway/internal/transcode"
	"github.com/platformbuilds/mirador-core/gateway/internal/transcode/message"
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
	r, warnings, err := rpcRequest(x)
	if err != nil {
		return err
	}
	r.IfMatch = x.header("If-Match")
	answer, err := e.parts.Transcoder.Call(x.ctx, r)
	if err != nil {
		return late(err, stage(x.row().RPC))
	}
	x.warn(warnings)
	if answer.ETag != "" {
		return e.version(x, answer)
	}
	if x.row().Method == http.MethodGet {
		return e.tagged(x, jsonType, x.withWarnings(answer.Body))
	}
	return x.json(x.row().Status(), x.withWarnings(answer.Body))
}

// version answers with the ETag of the service, which names what a later write
// may ask for with If-Match.
func (e *Edge) version(x *exchange, answer transcode.Response) error {
	if x.row().Method == http.MethodGet {
		return e.named(x, answer.ETag, jsonType, x.withWarnings(answer.Body))
	}
	x.set("ETag", answer.ETag)
	return x.json(x.row().Status(), x.withWarnings(answer.Body))
}

// rpcRequest is what grpc-gateway reads, and what of the request it ignores. A
// write goes on as it came, so that nothing unknown is accepted.
func rpcRequest(x *exchange) (transcode.Request, []string, error) {
	r := transcode.Request{Row: x.row(), Params: x.match.Params, Query: string(x.req.URI().QueryString())}
	switch {
	case len(x.row().RawBody) > 0:
		return rawRequest(x, r)
	case x.row().Effect == route.Read:
		return readRequest(x, r)
	case x.in.members != nil:
		r.Body = slices.Clone(x.req.Request.Body())
	}
	return r, nil, nil
}

// readRequest makes query string, form and JSON mean the same.
func readRequest(x *exchange, r transcode.Request) (transcode.Request, []string, error) {
	m, unknown, err := message.Build(x.row().RPC, x.parameters())
	if err != nil {
		return r, nil, message.Named(x.row(), err)
	}
	if x.row().Method != http.MethodGet {
		r.Query = ""
		if r.Body, err = protojson.Marshal(m); err != nil {
			return r, nil, fmt.Errorf("encode request: %w", err)
		}
	}
	return r, message.Warnings(unknown), nil
}

// rawRequest carries the body unread.
func rawRequest(x *exchange, r transcode.Request) (transcode.Request, []string, error) {
	m, err := message.Raw(x.row().RPC, x.req.Request.Body(), mediaType(x.header("Content-Type")))
	if err != nil {
		return r, nil, err //nolint:wrapcheck // it names the RPC
	}
	r.Query = ""
	if r.Body, err = protojson.Marshal(m); err != nil {
		return r, nil, fmt.Errorf("encode request: %w", err)
	}
	return r, nil, nil
}
