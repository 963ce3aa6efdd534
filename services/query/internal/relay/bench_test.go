package relay

import (
	"bytes"
	"context"
	"io"
	"testing"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/services/query/internal/splice"
)

// sink is a stream that forgets.
type sink struct{}

func (sink) SendHeader(metadata.MD) error  { return nil }
func (sink) SetHeader(metadata.MD) error   { return nil }
func (sink) SetTrailer(metadata.MD)        {}
func (sink) Send(*httpbody.HttpBody) error { return nil }

func BenchmarkCopy(b *testing.B) {
	for _, a := range []struct {
		name   string
		series int
	}{{"instant", 10}, {"whole", 3000}, {"stream", 100_000}} {
		answer := []byte(vector(a.series))
		b.Run(a.name, func(b *testing.B) {
			r := New()
			b.SetBytes(int64(len(answer)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Copy(context.Background(), sink{}, bytes.NewReader(answer), Job{Finish: finish, Limits: splice.Limits{}}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("read-only", func(b *testing.B) {
		answer := []byte(vector(100_000))
		b.SetBytes(int64(len(answer)))
		for b.Loop() {
			if _, err := io.Copy(io.Discard, bytes.NewReader(answer)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
