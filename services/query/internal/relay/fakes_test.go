package relay

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/services/query/internal/splice"
)

// recorder is a stream that keeps what is sent.
type recorder struct {
	header, trailer metadata.MD
	body            strings.Builder
	messages        int
	largest         int
	failAfter       int
}

func (r *recorder) SendHeader(md metadata.MD) error {
	if r.header != nil {
		return errors.New("header sent twice")
	}
	r.header = md
	return nil
}

func (r *recorder) SetHeader(md metadata.MD) error { return r.SendHeader(md) }

func (r *recorder) SetTrailer(md metadata.MD) { r.trailer = metadata.Join(r.trailer, md) }

func (r *recorder) Send(m *httpbody.HttpBody) error {
	if r.header == nil {
		return errors.New("body before header")
	}
	if (r.messages == 0) != (m.ContentType == contentType) {
		return fmt.Errorf("content type %q in message %d", m.ContentType, r.messages)
	}
	if r.messages++; r.failAfter > 0 && r.messages > r.failAfter {
		return errors.New("client gone")
	}
	r.largest = max(r.largest, len(m.Data))
	r.body.Write(m.Data)
	return nil
}

func (r *recorder) first(md metadata.MD, key string) string {
	if v := md.Get(key); len(v) > 0 {
		return v[0]
	}
	return ""
}

// shelf is a tee that keeps the stored form.
type shelf struct {
	off       bool
	body      []byte
	stored    string
	ttl       time.Duration
	committed bool
	abandoned bool
}

func (s *shelf) Caching() bool  { return !s.off }
func (s *shelf) Write(p []byte) { s.body = append(s.body, p...) }
func (s *shelf) Abandon()       { s.abandoned = true }
func (s *shelf) Commit(start, end int, hit []byte, ttl time.Duration) {
	s.committed, s.ttl = true, ttl
	s.stored = string(s.body[:start]) + string(hit) + string(s.body[end:])
}

// finish is a finisher with all that a query route writes.
func finish(_ context.Context, f splice.Facts) (Tail, error) {
	return Tail{
		Metadata:    fmt.Appendf(nil, `{"seriesCount":%d,"cached":false}`, f.Series),
		HitMetadata: []byte(`{"cached":true,"cacheHit":true}`),
		Definitions: []byte(`{"metrics":{}}`),
		TTL:         time.Minute,
	}, nil
}

func plainFinish(context.Context, splice.Facts) (Tail, error) { return Tail{TTL: time.Second}, nil }

// vector is an answer with n series.
func vector(n int) string {
	var series []string
	for i := range n {
		series = append(series, fmt.Sprintf(`{"metric":{"__name__":"up","job":"shop-%d"},"value":[1795170600,"%d"]}`, i, i))
	}
	return `{"status":"success","data":{"resultType":"vector","result":[` + strings.Join(series, ",") + `]}}`
}

func dataOf(t *testing.T, answer string) string {
	t.Helper()
	s := splice.New(splice.Limits{})
	data, err := s.Feed([]byte(answer))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
