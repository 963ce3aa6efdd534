// Package transcode calls the RPCs that have an HTTP binding, through
// grpc-gateway. The edge has matched, authorised and checked the request
// before; here JSON becomes a message, the call is made, and the message
// becomes JSON again. Faults come back as faults: the edge writes them.
package transcode

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"

	"github.com/platformbuilds/mirador-core/gateway/internal/route"
	"github.com/platformbuilds/mirador-core/libs/fault"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
	queryv1 "github.com/platformbuilds/mirador-core/proto/gen/query/v1"
	schemav1 "github.com/platformbuilds/mirador-core/proto/gen/schema/v1"
	tracesv1 "github.com/platformbuilds/mirador-core/proto/gen/traces/v1"
)

// Epochs keeps the newest definitions epoch per tenant that this gateway
// knows of.
type Epochs interface {
	Epoch(tenant string) uint64
	Raise(tenant string, epoch uint64)
}

// Conns are the connections to the services.
type Conns struct {
	Query, Logs, Traces, Schema grpc.ClientConnInterface
}

// Transcoder serves transcoded rows.
type Transcoder struct {
	mux *runtime.ServeMux
}

// Request is one call of a transcoded row.
type Request struct {
	// Row that was matched; the RPC called is the row's and no other.
	Row *route.Row
	// Params of the path, decoded.
	Params []route.Param
	// Query string as it was sent.
	Query string
	// Body is JSON, or empty.
	Body []byte
	// IfMatch is the client's header; it goes along with writes.
	IfMatch string
}

// Response is the answer of a call that succeeded.
type Response struct {
	// Status of HTTP, usually 200.
	Status int
	// Body is compact JSON.
	Body []byte
	// ETag that the service gave, in quotes; empty when it gave none.
	ETag string
}

// New registers every service.
func New(ctx context.Context, c Conns, e Epochs) (*Transcoder, error) {
	mux := runtime.NewServeMux(options(e)...)
	err := errors.Join(
		queryv1.RegisterQueryServiceHandlerClient(ctx, mux, queryv1.NewQueryServiceClient(pinned{c.Query})),
		logsv1.RegisterLogsServiceHandlerClient(ctx, mux, logsv1.NewLogsServiceClient(pinned{c.Logs})),
		tracesv1.RegisterTracesServiceHandlerClient(ctx, mux, tracesv1.NewTracesServiceClient(pinned{c.Traces})),
		schemav1.RegisterSchemaServiceHandlerClient(ctx, mux, schemav1.NewSchemaServiceClient(pinned{c.Schema})),
	)
	if err != nil {
		return nil, fmt.Errorf("register services: %w", err)
	}
	return &Transcoder{mux}, nil
}

// Call makes the call. The context carries identity and deadline.
func (t *Transcoder) Call(ctx context.Context, r Request) (Response, error) {
	w := &recorder{row: r.Row, header: http.Header{}, status: http.StatusOK}
	t.mux.ServeHTTP(w, r.request(ctx))
	if w.fault != nil {
		return Response{}, w.fault
	}
	return Response{Status: w.status, Body: compact(w.body.Bytes()), ETag: w.etag}, nil
}

// request builds what grpc-gateway reads from nothing: no header of the client
// goes on, so none can become metadata, and the path is the row's own pattern,
// so that grpc-gateway cannot read it differently. See withParams.
func (r Request) request(ctx context.Context) *http.Request {
	in := &http.Request{Method: r.Row.Method, URL: &url.URL{Path: template(r.Row.Pattern), RawQuery: r.Query},
		Header: http.Header{"Content-Type": {mediaOf(r.Row)}}, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(bytes.NewReader(r.Body)), ContentLength: int64(len(r.Body))}
	return in.WithContext(context.WithValue(ctx, callKey{}, &r))
}

// template puts a harmless word in the place of each parameter.
func template(pattern string) string {
	segments := strings.Split(pattern, "/")
	for i, s := range segments {
		if strings.HasPrefix(s, "{") {
			segments[i] = "x"
		}
	}
	return strings.Join(segments, "/")
}

type callKey struct{}

func callOf(ctx context.Context) *Request {
	r, _ := ctx.Value(callKey{}).(*Request)
	return r
}

// withParams gives the handler the parameters that the route table decoded, in
// place of those that grpc-gateway found.
func withParams(next runtime.HandlerFunc) runtime.HandlerFunc {
	return func(w http.ResponseWriter, in *http.Request, params map[string]string) {
		if r := callOf(in.Context()); r != nil {
			for _, p := range r.Params {
				params[p.Name] = p.Value
			}
		}
		next(w, in, params)
	}
}

// pinned lets through only the RPC of the row that was authorised: should
// grpc-gateway's router and our table ever disagree, nothing is called.
type pinned struct {
	grpc.ClientConnInterface
}

// Invoke implements grpc.ClientConnInterface.
func (p pinned) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	r := callOf(ctx)
	if r == nil || r.Row.RPC != method {
		return fault.New(fault.CodeInternal, "Internal error").Wrap(fmt.Errorf("the row does not lead to %s", method))
	}
	return p.ClientConnInterface.Invoke(ctx, method, args, reply, opts...) //nolint:wrapcheck // a gRPC status
}

// NewStream implements grpc.ClientConnInterface; streams never come this way.
func (p pinned) NewStream(_ context.Context, _ *grpc.StreamDesc, method string, _ ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, fault.New(fault.CodeInternal, "Internal error").Wrap(fmt.Errorf("%s is a stream", method))
}
