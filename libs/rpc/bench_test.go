package rpc

import (
	"log/slog"
	"testing"
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
