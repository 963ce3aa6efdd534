package server

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/upstream"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
	"github.com/platformbuilds/mirador-core/services/logs/internal/victorialogs"
)

// noon is when the tests' calls begin.
var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// onBackend is a server whose back end is the handler.
func onBackend(t *testing.T, handler http.HandlerFunc) *Server {
	t.Helper()
	backend := httptest.NewServer(handler)
	t.Cleanup(backend.Close)
	cfg := upstream.Config{Name: "logs", Endpoints: []string{backend.URL}, Options: upstream.DefaultOptions()}
	cfg.Timeout, cfg.MaxAnswerBytes, cfg.Prefetch = time.Hour, 1<<40, 0
	pool, err := upstream.New(t.Context(), cfg, upstream.Deps{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return New(Parts{
		Draining: t.Context(),
		Backend:  victorialogs.New(pool),
		Limits: Limits{QueryBytes: 16 << 10, Rows: 100_000, Range: 366 * 24 * time.Hour, Concurrent: 400,
			Tails: 300, Timeout: 30 * time.Second},
		Observe: func(string, string, time.Duration) {},
		Now:     func() time.Time { return noon },
	})
}

// caller is a context of tenant 7.
func caller(ctx context.Context) context.Context {
	return identity.Into(ctx, &identity.Identity{Tenant: "shop", Account: 7, User: "ann"})
}

// bodies is the answering side of a method that sends bytes.
type bodies struct {
	grpc.ServerStream
	ctx             context.Context
	mu              sync.Mutex
	header, trailer metadata.MD
	body            bytes.Buffer
	contentType     string
	// sent, when it is there, takes a note of each message.
	sent chan int
}

func (b *bodies) Context() context.Context        { return b.ctx }
func (b *bodies) SetHeader(md metadata.MD) error  { b.header = metadata.Join(b.header, md); return nil }
func (b *bodies) SendHeader(md metadata.MD) error { return b.SetHeader(md) }
func (b *bodies) SetTrailer(md metadata.MD)       { b.trailer = metadata.Join(b.trailer, md) }

func (b *bodies) Send(m *httpbody.HttpBody) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.contentType == "" {
		b.contentType = m.ContentType
	}
	b.body.Write(m.Data)
	if b.sent != nil {
		select {
		case b.sent <- len(m.Data):
		default:
		}
	}
	return b.ctx.Err()
}

func only(md metadata.MD, key string) string {
	if v := md.Get(key); len(v) == 1 {
		return v[0]
	}
	return ""
}

// tails is the answering side of a tail.
type tails struct {
	grpc.ServerStream
	ctx context.Context
	// open is closed by the first event.
	open   chan struct{}
	opened sync.Once
	rows   chan string
}

func (t *tails) Context() context.Context { return t.ctx }

func (t *tails) Send(e *logsv1.TailEvent) error {
	t.opened.Do(func() { close(t.open) })
	for _, r := range e.GetRows() {
		t.rows <- string(r.GetJson())
	}
	return nil
}
