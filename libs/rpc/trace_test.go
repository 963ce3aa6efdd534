package rpc

import (
	"context"
	"log/slog"
	"testing"

	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/platformbuilds/mirador-core/libs/telemetry"
)

// traced returns telemetry that sends its spans to a collector of the test.
func traced(t *testing.T) *telemetry.Telemetry {
	t.Helper()
	lis := listen(t, "127.0.0.1:0")
	s := grpc.NewServer(grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		if err := stream.RecvMsg(&emptypb.Empty{}); err != nil {
			return err
		}
		return stream.SendMsg(&emptypb.Empty{})
	}))
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(lis) }()
	t.Cleanup(func() { s.Stop(); <-done })
	tel := telemetry.New("test", "v0")
	stop, err := tel.Trace(soon(t), telemetry.TraceOptions{Endpoint: lis.Addr().String(), Ratio: 1, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return tel
}

func TestSpansContinueAcrossTheHop(t *testing.T) {
	tel := traced(t)
	var seen trace.SpanContext
	e := &echo{say: func(ctx context.Context, _ string) (string, error) {
		seen = trace.SpanContextFromContext(ctx)
		return "", nil
	}}
	c, _ := pipe(t, e, func(o *ServerOptions) { o.Telemetry = tel }, ClientOptions{Telemetry: tel})
	ctx, span := tel.Tracer.Start(as(t, "reader"), "caller")
	defer span.End()
	if _, err := call(ctx, c, "Say", ""); err != nil {
		t.Fatal(err)
	}
	mine := span.SpanContext()
	if seen.TraceID() != mine.TraceID() || seen.SpanID() == mine.SpanID() || !seen.IsSampled() {
		t.Errorf("handler in %v, caller in %v", seen, mine)
	}
}
