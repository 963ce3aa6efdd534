package edge_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/platformbuilds/mirador-core/gateway/internal/access"
	"github.com/platformbuilds/mirador-core/gateway/internal/account"
	"github.com/platformbuilds/mirador-core/gateway/internal/bulk"
	"github.com/platformbuilds/mirador-core/gateway/internal/edge"
	"github.com/platformbuilds/mirador-core/gateway/internal/limit"
	"github.com/platformbuilds/mirador-core/gateway/internal/live"
	"github.com/platformbuilds/mirador-core/gateway/internal/openapi"
	"github.com/platformbuilds/mirador-core/gateway/internal/relay"
	"github.com/platformbuilds/mirador-core/gateway/internal/route"
	"github.com/platformbuilds/mirador-core/gateway/internal/transcode"
	"github.com/platformbuilds/mirador-core/gateway/internal/transcode/hot"
	"github.com/platformbuilds/mirador-core/gateway/internal/transcode/streamed"
	"github.com/platformbuilds/mirador-core/libs/cache"
	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	"github.com/platformbuilds/mirador-core/libs/telemetry"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
	queryv1 "github.com/platformbuilds/mirador-core/proto/gen/query/v1"
	schemav1 "github.com/platformbuilds/mirador-core/proto/gen/schema/v1"
	tracesv1 "github.com/platformbuilds/mirador-core/proto/gen/traces/v1"
)

func TestMain(m *testing.M) {
	// fasthttp keeps one clock for the whole life of a process, and the cleaner
	// of a stopped pool sleeps for up to 10 s before it ends.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"))
}

// world is an edge with real limits, rights, relay, transcoding and gRPC, and
// with fakes for what answers: logins, the two services, health.
type world struct {
	addr string
	// services is the address of both fakes.
	services string
	query    *fakeQuery
	schema   *fakeSchema
	logs     *fakeLogs
	traces   *fakeTraces
	health   *fakeHealth
	login    *fakeLogin
	epochs   *fakeEpochs
	log      *logBuffer
	edge     *edge.Edge
	grpc     *grpc.Server
}

// settings of a world that a test may change before it begins.
type settings struct {
	http   edge.HTTPConfig
	cors   edge.CORSConfig
	limits limit.Config
	// heartbeat of live streams.
	heartbeat time.Duration
}

func begin(t *testing.T, change ...func(*settings)) *world {
	t.Helper()
	cfg := settings{edge.HTTPDefaults(), edge.CORSDefaults(), limit.Defaults(), time.Minute}
	for _, f := range change {
		f(&cfg)
	}
	w := &world{query: &fakeQuery{}, schema: &fakeSchema{}, logs: &fakeLogs{}, traces: &fakeTraces{},
		health: &fakeHealth{}, login: &fakeLogin{}, epochs: &fakeEpochs{}, log: &logBuffer{}}
	conn := w.connect(t)
	tenants, err := account.NewTenants([]account.TenantConfig{{Name: "demo", ID: "1"}, {Name: "other", ID: "2"}})
	must(t, err)
	table, err := route.Load(protoregistry.GlobalFiles)
	must(t, err)
	transcoder, err := transcode.New(t.Context(), transcode.Conns{Query: conn, Logs: conn, Traces: conn, Schema: conn}, w.epochs)
	must(t, err)
	documents, err := openapi.New("", time.Unix(1_800_000_000, 0))
	must(t, err)
	tel := telemetry.New("gateway", "test")
	tel.SetTenants(tenants.Names())
	log := slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r := relay.New(relay.Options{})
	packages := streamed.Conns{"mirador.logs.v1": conn, "mirador.traces.v1": conn, "mirador.query.v1": conn}
	w.edge, err = edge.New(cfg.http, cfg.cors, edge.Parts{Log: log, Telemetry: tel, Table: table, Login: w.login,
		Limit: limit.New(cfg.limits, cache.NewMemory(time.Now), tenants, log, nil, time.Now), Access: access.New(access.DefaultConfig()),
		Query: hot.New(conn, r, w.epochs), Streamed: streamed.New(packages, r, w.epochs), Transcoder: transcoder,
		Live: live.New(live.Defaults(), live.Parts{Log: log, Telemetry: tel, Logs: logsv1.NewLogsServiceClient(conn), Spread: time.Millisecond, Heartbeat: cfg.heartbeat}), Health: w.health, Documents: documents,
		Files: bulk.New(conn, w.epochs), UploadBytes: 5 << 20})
	must(t, err)
	w.serve(t)
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// connect starts both fakes and returns a client of them.
func (w *world) connect(t *testing.T) *rpc.Client {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	w.services = l.Addr().String()
	conn, err := rpc.Dial(w.services, rpc.ClientOptions{Conns: 1})
	must(t, err)
	w.begin(t, l)
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// begin serves both fakes on the listener until the test ends.
func (w *world) begin(t *testing.T, l net.Listener) {
	t.Helper()
	server := grpc.NewServer()
	grpc_health_v1.RegisterHealthServer(server, health.NewServer())
	queryv1.RegisterQueryServiceServer(server, w.query)
	schemav1.RegisterSchemaServiceServer(server, w.schema)
	logsv1.RegisterLogsServiceServer(server, w.logs)
	tracesv1.RegisterTracesServiceServer(server, w.traces)
	w.grpc = server
	var served sync.WaitGroup
	served.Go(func() { _ = server.Serve(l) })
	t.Cleanup(func() {
		server.Stop()
		served.Wait()
	})
}

func (w *world) serve(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	w.addr = l.Addr().String()
	var served sync.WaitGroup
	served.Go(func() { _ = w.edge.Serve(l) })
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := w.edge.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		served.Wait()
	})
}

// answer of a request with its body read.
type answer struct {
	*http.Response
	body []byte
	err  error
}

// member of a JSON object body, by path.
func (a answer) member(path ...string) any {
	var v any
	_ = json.Unmarshal(a.body, &v)
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

// raw sends bytes and reads one answer.
func (w *world) raw(t *testing.T, message string) answer {
	t.Helper()
	c, err := net.Dial("tcp", w.addr)
	must(t, err)
	defer c.Close()
	must(t, c.SetDeadline(time.Now().Add(20*time.Second)))
	if _, err := io.WriteString(c, message); err != nil {
		t.Fatal(err)
	}
	method, _, _ := strings.Cut(message, " ")
	return read(t, bufio.NewReader(c), method)
}

func read(t *testing.T, r *bufio.Reader, method string) answer {
	t.Helper()
	resp, err := http.ReadResponse(r, &http.Request{Method: method})
	if err != nil {
		t.Fatalf("read answer: %v", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return answer{resp, body, err}
}

// do sends a request with headers as "Name: value" over a connection of its own.
func (w *world) do(t *testing.T, method, path, body string, headers ...string) answer {
	t.Helper()
	var b bytes.Buffer
	b.WriteString(method + " " + path + " HTTP/1.1\r\nHost: " + w.addr + "\r\nConnection: close\r\n")
	for _, h := range headers {
		b.WriteString(h + "\r\n")
	}
	if body != "" {
		b.WriteString("Content-Length: " + number(len(body)) + "\r\n")
	}
	b.WriteString("\r\n" + body)
	return w.raw(t, b.String())
}

func number(n int) string {
	b, _ := json.Marshal(n)
	return string(b)
}

const (
	viewer   = "Authorization: Bearer viewer"
	editor   = "Authorization: Bearer editor"
	stranger = "Authorization: Bearer roleless"
	asJSON   = "Content-Type: application/json"
	asForm   = "Content-Type: application/x-www-form-urlencoded"
)

// problem checks that an answer is a problem document with the code.
func (a answer) problem(t *testing.T, status int, code fault.Code) {
	t.Helper()
	if a.StatusCode != status || a.member("code") != string(code) {
		t.Fatalf("status %d, want %d %s: %s", a.StatusCode, status, code, a.body)
	}
	if got := a.Header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("content type %q", got)
	}
	for _, name := range []string{"type", "title", "error", "instance", "request_id"} {
		if _, ok := a.member(name).(string); !ok {
			t.Errorf("problem lacks %s: %s", name, a.body)
		}
	}
	if a.member("status") != float64(status) || a.member("request_id") != a.Header.Get("X-Request-Id") {
		t.Errorf("problem disagrees with its answer: %s", a.body)
	}
}

// dial opens a connection that ends with the test.
func (w *world) dial(t *testing.T) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", w.addr)
	must(t, err)
	must(t, c.SetDeadline(time.Now().Add(20*time.Second)))
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// restart serves both fakes again at the address they had.
func (w *world) restart(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", w.services)
	must(t, err)
	w.begin(t, l)
}

func emptyTable(t *testing.T) *route.Table {
	t.Helper()
	table, err := route.New(nil)
	must(t, err)
	return table
}

func strangeTable(t *testing.T) *route.Table {
	t.Helper()
	table, err := route.New(append(route.Native(), route.Row{Method: "GET", Pattern: "/strange", Permission: route.Public, Effect: route.Read, Handler: "nosuch"}))
	must(t, err)
	return table
}
