package telemetry

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
)

// collector takes every call and keeps what it was sent, undecoded.
func collector(t *testing.T) (addr string, got <-chan string) {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	sent := make(chan string, 16)
	s := grpc.NewServer(grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		in := &emptypb.Empty{}
		if err := stream.RecvMsg(in); err != nil {
			return err
		}
		raw, err := proto.Marshal(in)
		if err != nil {
			return err
		}
		sent <- string(raw)
		return stream.SendMsg(&emptypb.Empty{})
	}))
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(lis) }()
	t.Cleanup(func() { s.Stop(); <-done })
	return lis.Addr().String(), sent
}

func TestSpansReachTheCollector(t *testing.T) {
	addr, got := collector(t)
	tel := New("query", "v1")
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	stop, err := tel.Trace(ctx, TraceOptions{Endpoint: addr, Ratio: 1, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if !tel.Tracing() {
		t.Error("tracing is off")
	}
	_, span := tel.Tracer.Start(ctx, "the-span")
	span.End()
	if err := stop(ctx); err != nil {
		t.Fatal(err)
	}
	if raw := <-got; !strings.Contains(raw, "the-span") || !strings.Contains(raw, "service.name") || !strings.Contains(raw, "query") {
		t.Errorf("sent %q", raw)
	}
}

func TestTracingOffRecordsNothing(t *testing.T) {
	tel := New("query", "v1")
	_, span := tel.Tracer.Start(context.Background(), "x")
	_, other := tel.TracerProvider().Tracer("x").Start(context.Background(), "x")
	if tel.Tracing() || span.IsRecording() || other.IsRecording() {
		t.Error("records")
	}
}

func TestTraceEndpoints(t *testing.T) {
	for endpoint, good := range map[string]bool{
		"host:4317": true, "http://host:4317": true, "https://host:4317": true, "": false, "ftp://host": false, "http://": false,
	} {
		if _, err := exporterOptions(endpoint); (err == nil) != good {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
}

func TestTraceparent(t *testing.T) {
	const value = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	ctx := WithTraceparent(context.Background(), value)
	if got := Traceparent(trace.SpanContextFromContext(ctx)); got != value {
		t.Errorf("got %q", got)
	}
	for _, bad := range []string{"", "00-xyz", "00-00000000000000000000000000000000-b7ad6b7169203331-01"} {
		if id := TraceID(WithTraceparent(context.Background(), bad)); id != "" {
			t.Errorf("%q continues %q", bad, id)
		}
	}
}
