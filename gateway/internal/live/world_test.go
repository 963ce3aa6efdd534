package live_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
	"github.com/valyala/fasthttp"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/gateway/internal/live"
	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/telemetry"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
)

func TestMain(m *testing.M) {
	// fasthttp keeps one clock for the whole life of a process, and the cleaner
	// of a stopped pool sleeps for up to 10 s before it ends.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"))
}

// call is one call of the fake logs service.
type call struct {
	request *logsv1.TailRequest
	ctx     context.Context
	// send sends one event; finish ends the call.
	send   func(*logsv1.TailEvent) error
	finish chan error
}

// fakeLogs hands every call over to the test.
type fakeLogs struct {
	logsv1.UnimplementedLogsServiceServer
	calls chan *call
	open  sync.WaitGroup
}

func (f *fakeLogs) Tail(r *logsv1.TailRequest, s grpc.ServerStreamingServer[logsv1.TailEvent]) error {
	f.open.Add(1)
	defer f.open.Done()
	if r.GetQuery() == "bad" {
		return fault.New(fault.CodeQueryInvalid, "Invalid LogsQL query").WithExtra("position", map[string]int{"offset": 1})
	}
	if err := s.SendHeader(metadata.Pairs("a", "b")); err != nil {
		return err
	}
	c := &call{r, s.Context(), s.Send, make(chan error, 1)}
	select {
	case f.calls <- c:
	case <-s.Context().Done():
		return s.Context().Err()
	}
	select {
	case err := <-c.finish:
		return err
	case <-s.Context().Done():
		return s.Context().Err()
	}
}

// world is a hub behind a web server, in front of a fake logs service.
type world struct {
	hub    *live.Hub
	logs   *fakeLogs
	addr   string
	verify func() error
	mu     sync.Mutex
	since  time.Time
}

type settings struct {
	cfg   live.Config
	parts live.Parts
}

func begin(t *testing.T, change ...func(*settings)) *world {
	t.Helper()
	w := &world{logs: &fakeLogs{calls: make(chan *call)}, verify: func() error { return nil }, since: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	tel := telemetry.New("gateway", "test")
	s := settings{live.Defaults(), live.Parts{Log: slog.New(slog.DiscardHandler), Telemetry: tel, Heartbeat: time.Hour, Spread: time.Millisecond,
		Logs: logsv1.NewLogsServiceClient(w.connect(t))}}
	for _, f := range change {
		f(&s)
	}
	w.hub = live.New(s.cfg, s.parts)
	w.serve(t)
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) connect(t *testing.T) *grpc.ClientConn {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	server := grpc.NewServer()
	logsv1.RegisterLogsServiceServer(server, w.logs)
	var served sync.WaitGroup
	served.Go(func() { _ = server.Serve(l) })
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	must(t, err)
	t.Cleanup(func() {
		_ = conn.Close()
		server.Stop()
		served.Wait()
	})
	return conn
}

func (w *world) serve(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	w.addr = l.Addr().String()
	server := &fasthttp.Server{Handler: w.handle}
	var served sync.WaitGroup
	served.Go(func() { _ = server.Serve(l) })
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := w.hub.Shutdown(ctx); err != nil {
			t.Errorf("shut down hub: %v", err)
		}
		must(t, server.ShutdownWithContext(ctx))
		served.Wait()
	})
}

// handle is what the edge does after login.
func (w *world) handle(req *fasthttp.RequestCtx) {
	ctx := context.Background()
	c := live.Caller{Tenant: string(req.QueryArgs().Peek("tenant")), User: string(req.QueryArgs().Peek("user")), Verify: func() (context.Context, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		return ctx, w.verify()
	}}
	r := &logsv1.TailRequest{Query: string(req.QueryArgs().Peek("query"))}
	if live.IsUpgrade(req) {
		if err := w.hub.Socket(ctx, req, c, r, live.Place{Time: w.since}); err != nil {
			req.Error(err.Error(), fault.From(err).Kind().HTTPStatus())
		}
		return
	}
	body, err := w.hub.Events(ctx, c, r, live.Place{Time: w.since})
	if err != nil {
		req.Error(err.Error(), fault.From(err).Kind().HTTPStatus())
		return
	}
	req.Response.SetBodyStream(body, -1)
}

func (w *world) verifies(f func() error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.verify = f
}

// dial opens a WebSocket; the query names tenant, user and query.
func (w *world) dial(t *testing.T, query string) *websocket.Conn {
	t.Helper()
	c, resp, err := websocket.DefaultDialer.Dial("ws://"+w.addr+"/?"+query, nil)
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	_ = resp.Body.Close()
	must(t, c.SetReadDeadline(time.Now().Add(20*time.Second)))
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// refused opens a WebSocket that must be refused, and returns the status.
func (w *world) refused(t *testing.T, query string) (int, string) {
	t.Helper()
	c, resp, err := websocket.DefaultDialer.Dial("ws://"+w.addr+"/?"+query, nil)
	if err == nil {
		_ = c.Close()
		t.Fatal("it was accepted")
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b)
}

// call waits for the next call of the service.
func (w *world) call(t *testing.T) *call {
	t.Helper()
	select {
	case c := <-w.logs.calls:
		return c
	case <-time.After(20 * time.Second):
		t.Fatal("the service was not called")
		return nil
	}
}

// ended waits until the call was cancelled.
func (c *call) ended(t *testing.T) {
	t.Helper()
	select {
	case <-c.ctx.Done():
	case <-time.After(20 * time.Second):
		t.Fatal("the call goes on")
	}
}

type message struct {
	Type      string
	Data      map[string]any
	Timestamp string
	Tenant    string `json:"tenant_id"`
}

func next(t *testing.T, c *websocket.Conn) message {
	t.Helper()
	_, b, err := c.ReadMessage()
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	var m message
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	return m
}

// closed reads up to the close frame and returns it with the frames before it.
func closed(t *testing.T, c *websocket.Conn) (code int, before []message) {
	t.Helper()
	for {
		_, b, err := c.ReadMessage()
		if err != nil {
			if e, ok := err.(*websocket.CloseError); ok { //nolint:errorlint // the library returns it bare
				return e.Code, before
			}
			t.Fatalf("read: %v", err)
		}
		var m message
		must(t, json.Unmarshal(b, &m))
		before = append(before, m)
	}
}

func row(at, text string) *logsv1.TailRow {
	b, _ := json.Marshal(map[string]string{"_time": at, "_msg": text})
	return &logsv1.TailRow{Json: b, Time: at}
}

func rows(list ...*logsv1.TailRow) *logsv1.TailEvent { return &logsv1.TailEvent{Rows: list} }
