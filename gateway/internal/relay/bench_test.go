package relay

import (
	"context"
	"io"
	"strings"
	"testing"
)

// BenchmarkFetch compares a hit with the calls it saves, in one run.
func BenchmarkFetch(b *testing.B) {
	bodies := []struct {
		name string
		body body
	}{
		{"instant", body{data: strings.Repeat("x", 1900), length: true, ttl: 3_600_000}},
		{"heavy", body{data: strings.Repeat("x", 8_800_000), ttl: 3_600_000}},
	}
	for _, c := range bodies {
		s := serve(b, c.body.send)
		b.Run(c.name+"-hit", func(b *testing.B) { benchFetch(b, New(Options{}), testKey(), s.call) })
		bypass := testKey()
		bypass.Bypass = true
		b.Run(c.name+"-call", func(b *testing.B) { benchFetch(b, New(Options{}), bypass, s.call) })
	}
}

func benchFetch(b *testing.B, r *Relay, key Key, call Call) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b.ReportAllocs()
	for b.Loop() {
		a, err := r.Fetch(ctx, key, call)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := a.WriteTo(io.Discard); err != nil {
			b.Fatal(err)
		}
		a.Close()
	}
}
