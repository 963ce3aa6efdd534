package rpc

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/test/bufconn"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/telemetry"
)

// tokens verifies by looking up.
type tokens map[string]*identity.Identity

func (v tokens) Verify(token string) (*identity.Identity, error) {
	if token == "panic" {
		panic("secret of the house")
	}
	if id, ok := v[token]; ok {
		return id, nil
	}
	return nil, fault.New(fault.CodeTokenInvalid, "Invalid authentication token")
}

func signed() tokens {
	return tokens{
		"reader":  {Tenant: "a", User: "r", Permissions: []string{"echo.say"}},
		"other":   {Tenant: "b", User: "o", Permissions: []string{"other"}},
		"none":    {User: "n", Permissions: []string{"*"}},
		"anybody": {Tenant: "a", User: "x"},
	}
}

// logBuffer is a log that a test reads while others write.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// rig is a served echo service.
type rig struct {
	server    *grpc.Server
	health    *health.Server
	telemetry *telemetry.Telemetry
	log       *logBuffer
}

// start serves on a listener until the test ends.
func start(t testing.TB, lis net.Listener, e *echo, change func(*ServerOptions)) *rig {
	t.Helper()
	r := &rig{telemetry: telemetry.New("test", "v0"), log: &logBuffer{}, health: health.NewServer()}
	o := ServerOptions{Log: telemetry.NewLogger(r.log, slog.LevelDebug, "test"), Telemetry: r.telemetry,
		Identity: signed(), Bearer: tokens{"user": {Tenant: "a", User: "u", Permissions: []string{"echo.say"}}}}
	if change != nil {
		change(&o)
	}
	var err error
	if r.server, err = NewServer(o); err != nil {
		t.Fatal(err)
	}
	grpc_health_v1.RegisterHealthServer(r.server, r.health)
	e.register(r.server)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := r.server.Serve(lis); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { r.server.Stop(); <-done })
	return r
}

// pipe serves the echo in memory and returns a client of it.
func pipe(t testing.TB, e *echo, change func(*ServerOptions), o ClientOptions) (*Client, *rig) {
	t.Helper()
	lis := bufconn.Listen(1 << 20)
	r := start(t, lis, e, change)
	o.Dialer = func(ctx context.Context, _ string) (net.Conn, error) { return lis.DialContext(ctx) }
	return dial(t, "passthrough:///pipe", o), r
}

func dial(t testing.TB, endpoint string, o ClientOptions) *Client {
	t.Helper()
	c, err := Dial(endpoint, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func listen(t testing.TB, addr string) net.Listener {
	t.Helper()
	lis, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return lis
}

func soon(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// as is a context that identifies the caller.
func as(t testing.TB, token string) context.Context {
	return WithIdentityToken(soon(t), token)
}

func parrot() *echo {
	return &echo{say: func(_ context.Context, text string) (string, error) { return text, nil }}
}

func wantCode(t testing.TB, err error, code fault.Code) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != code {
		t.Errorf("got %v, want %s", err, code)
	}
}
