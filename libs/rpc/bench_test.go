package rpc

import (
	"log/slog"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// BenchmarkCall is one small call over loopback with every interceptor.
func BenchmarkCall(b *testing.B) {
	lis := listen(b, "127.0.0.1:0")
	start(b, lis, parrot(), func(o *ServerOptions) { o.Log = slog.New(slog.DiscardHandler) })
	c := dial(b, lis.Addr().String(), ClientOptions{})
	ctx := as(b, "reader")
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := call(ctx, c, "Say", "x"); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkPlain is the same call without anything of ours.
func BenchmarkPlain(b *testing.B) {
	lis := listen(b, "127.0.0.1:0")
	s := grpc.NewServer()
	(&echo{say: parrot().say, plain: true}).register(s)
	go func() { _ = s.Serve(lis) }()
	defer s.Stop()
	conn, err := grpc.NewClient(lis.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	ctx := soon(b)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := call(ctx, conn, "Say", "x"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
