package resultcache

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAnswerRoundTrip(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		body := bytes.Repeat(rapid.SliceOf(rapid.Byte()).Draw(r, "body"), rapid.IntRange(0, 300).Draw(r, "times"))
		in := answer{tenant: rapid.String().Draw(r, "tenant"), key: rapid.String().Draw(r, "key"),
			made: time.UnixMilli(rapid.Int64Range(0, 1<<45).Draw(r, "made")),
			ends: time.UnixMilli(rapid.Int64Range(0, 1<<45).Draw(r, "ends")), body: body}
		out, err := decode(in.encode(), len(body))
		if err != nil || out.tenant != in.tenant || out.key != in.key || !out.ends.Equal(in.ends) || !out.made.Equal(in.made) || !bytes.Equal(out.body, body) {
			r.Fatalf("got %+v, error %v, want %+v", out, err, in)
		}
		if len(body) > 0 {
			if _, err := decode(in.encode(), len(body)-1); err == nil {
				r.Fatal("a body beyond the limit was unpacked")
			}
		}
	})
}

func TestCompressionWhereItPays(t *testing.T) {
	long := answer{body: []byte(strings.Repeat(`[1795170600,"1401"],`, 1000))}
	if got := len(long.encode()); got > len(long.body)/2 {
		t.Errorf("%d bytes stored for %d", got, len(long.body))
	}
	short := answer{body: []byte(strings.Repeat("a", compressFrom))}
	if got := short.encode(); !bytes.HasSuffix(got, short.body) {
		t.Error("a short body was packed")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(answer{tenant: "demo", key: "1:k", body: []byte("body")}.encode())
	f.Add(answer{tenant: "demo", key: "1:k", body: []byte(strings.Repeat("body", 1000))}.encode())
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := decode(raw, 1<<20)
		if err != nil {
			return
		}
		again, err := decode(a.encode(), 1<<20)
		if err != nil || again.tenant != a.tenant || again.key != a.key || !bytes.Equal(again.body, a.body) {
			t.Fatalf("read %+v, after another round %+v, error %v", a, again, err)
		}
	})
}

func BenchmarkStored(b *testing.B) {
	a := answer{tenant: "demo", key: "k", body: []byte(strings.Repeat(`[1795170600,"1401"],`, 10_000))}
	raw := a.encode()
	b.Run("encode", func(b *testing.B) {
		b.SetBytes(int64(len(a.body)))
		for b.Loop() {
			a.encode()
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.SetBytes(int64(len(a.body)))
		for b.Loop() {
			if _, err := decode(raw, 4<<20); err != nil {
				b.Fatal(err)
			}
		}
	})
}
