package rpc

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/telemetry"
)

// guard is everything that happens around a handler, in one interceptor so
// that a call costs one closure: request id, trace, deadline, identity,
// permission, recovery, metrics, access log, fault.
type guard struct {
	log              *slog.Logger
	telemetry        *telemetry.Telemetry
	identity, bearer Verifier

	server  *grpc.Server
	once    sync.Once
	methods map[string]*method
}

// method looks a method up. The table is made at the first call, when all
// services are registered; only registered methods get here.
func (g *guard) method(full string) *method {
	g.once.Do(func() { g.methods = methodsOf(g.server) })
	return g.methods[full]
}

func (g *guard) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	start, m := time.Now(), g.method(info.FullMethod)
	ctx, resp, err := g.call(g.begin(ctx), m, req, handler)
	return resp, g.finish(ctx, m, start, err)
}

// call returns the context that the log wants, with the identity when there
// is one.
func (g *guard) call(in context.Context, m *method, req any, handler grpc.UnaryHandler) (ctx context.Context, resp any, err error) {
	ctx = in
	defer g.recovered(in, &err)
	if ctx, err = g.admit(in, m); err == nil {
		resp, err = handler(ctx, req)
	}
	return ctx, resp, err
}

func (g *guard) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	start, m := time.Now(), g.method(info.FullMethod)
	ctx, err := g.open(g.begin(ss.Context()), m, srv, ss, handler)
	return g.finish(ctx, m, start, err)
}

func (g *guard) open(in context.Context, m *method, srv any, ss grpc.ServerStream, handler grpc.StreamHandler) (ctx context.Context, err error) {
	ctx = in
	defer g.recovered(in, &err)
	if ctx, err = g.admit(in, m); err == nil {
		err = handler(srv, &serverStream{ss, ctx})
	}
	return ctx, err
}

// serverStream gives a handler the context that admit made.
type serverStream struct {
	grpc.ServerStream
	ctx context.Context
}

// Context implements grpc.ServerStream.
func (s *serverStream) Context() context.Context { return s.ctx }

// begin gives a call its request id and its trace.
func (g *guard) begin(ctx context.Context) context.Context {
	return telemetry.WithRequestID(g.trace(ctx), requestID(ctx))
}

// admit makes the context of a handler, or refuses the call. The context is
// usable for the log either way.
func (g *guard) admit(ctx context.Context, m *method) (context.Context, error) {
	if m.open {
		return ctx, nil
	}
	if _, ok := ctx.Deadline(); !ok {
		return ctx, fault.New(fault.CodeInvalidRequest, "Invalid request").WithDetail("the call has no deadline")
	}
	id, cred, err := g.identify(ctx)
	if err != nil {
		return ctx, err
	}
	ctx = context.WithValue(identity.Into(ctx, id), credentialKey{}, cred)
	return ctx, m.allow(id, cred)
}

func requestID(ctx context.Context) string {
	if got := metadata.ValueFromIncomingContext(ctx, KeyRequestID); len(got) == 1 && telemetry.ValidRequestID(got[0]) {
		return got[0]
	}
	return telemetry.NewRequestID()
}
