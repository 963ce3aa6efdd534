package rpc

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/telemetry"
)

// recovered turns a panic into a fault; the caller gets the request id to
// report, the log gets the stack.
func (g *guard) recovered(ctx context.Context, err *error) {
	p := recover()
	if p == nil {
		return
	}
	g.log.ErrorContext(ctx, "panic in a handler", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	*err = fault.New(fault.CodeInternal, "Internal error").
		WithDetail("report the request id %s", telemetry.RequestID(ctx)).
		Wrap(fmt.Errorf("panic: %v", p))
}

// finish counts and logs a call and gives its error the form that crosses a
// hop.
func (g *guard) finish(ctx context.Context, m *method, start time.Time, err error) error {
	took := time.Since(start)
	if err == nil {
		g.telemetry.GRPC(m.service, m.name, codes.OK.String(), took)
		if !m.open && g.log.Enabled(ctx, slog.LevelDebug) {
			g.log.LogAttrs(ctx, slog.LevelDebug, "call", slog.String("method", m.name), slog.Duration("latency", took))
		}
		return nil
	}
	f := fault.From(err)
	code := f.Kind().GRPCCode()
	g.telemetry.GRPC(m.service, m.name, code.String(), took)
	if m.open && !f.Kind().Ours() {
		// A client that leaves ends its health watch; that is no news.
		return f
	}
	g.log.LogAttrs(ctx, levelOf(f), "call refused or broken", slog.String("service", m.service), slog.String("method", m.name),
		slog.String("status", code.String()), slog.String("code", string(f.Code)),
		slog.Duration("latency", took), slog.String("error", f.Error()))
	return f
}

// levelOf: what the caller did wrong is information, what we did is an error.
func levelOf(f *fault.Error) slog.Level {
	switch {
	case f.Kind().Ours():
		return slog.LevelError
	case f.Kind() == fault.Forbidden || f.Kind() == fault.Unauthenticated:
		return slog.LevelWarn
	}
	return slog.LevelInfo
}
