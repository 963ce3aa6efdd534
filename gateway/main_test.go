package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/platformbuilds/mirador-core/libs/service"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"))
}

const file = `environment: test
log_level: fatal
tenants:
  - {name: demo, id: "1:0", requests_per_minute: 500}
auth:
  jwt: {secret: "0123456789abcdef0123456789abcdef"}
nats: {urls: ["nats://127.0.0.1:1"]}
cache: {nodes: ["127.0.0.1:1"]}
`

// start runs a whole gateway in front of a query service that may not exist.
func start(t *testing.T, query string) (url string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	started := make(chan string, 1)
	p := service.Program[Config]{Name: "gateway", Defaults: defaults, Wire: wire, Stdout: io.Discard, Stderr: &log,
		Environ: []string{"PORT=0", "CONFIG_PATH=" + path, "QUERY_GRPC=" + query, "SCHEMA_GRPC=127.0.0.1:1",
			"LOGS_GRPC=127.0.0.1:1", "TRACES_GRPC=127.0.0.1:1"},
		Started: func(s *service.Server) { started <- s.Addr("http") }}
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	var err error
	done.Go(func() { err = p.Run(ctx); close(started) })
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		cancel()
		done.Wait()
		if err != nil {
			t.Errorf("run: %v\n%s", err, log.String())
		}
	})
	addr, ok := <-started
	if !ok {
		t.Fatalf("did not start: %s", log.String())
	}
	return "http://" + addr
}

func get(t *testing.T, url string) (int, map[string]any) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var body map[string]any
	_ = json.NewDecoder(resp.Body).Decode(&body)
	return resp.StatusCode, body
}

// A gateway without NATS, Valkey, schema, logs and traces is ready; without a query service
// it is not, and it heals by itself.
func TestReadiness(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close()
	url := start(t, addr)
	if code, body := get(t, url+"/health"); code != 200 || body["status"] != "healthy" {
		t.Errorf("health: %d %v", code, body)
	}
	if code, body := get(t, url+"/ready"); code != 503 || body["error"] != "query is not reachable" {
		t.Errorf("without a query service: %d %v", code, body)
	}
	serve(t, addr)
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		code, body := get(t, url+"/ready")
		if code == 200 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("it does not heal: %d %v", code, body)
		}
	}
	_, body := get(t, url+"/readyz?verbose")
	text, _ := json.Marshal(body)
	for _, part := range []string{"query", "schema", "valkey", "nats", "revocations", "definitions", "logs", "traces",
		"victoria_metrics", "victoria_logs", "victoria_traces"} {
		if !strings.Contains(string(text), `"`+part+`"`) {
			t.Errorf("readyz lacks %s: %s", part, text)
		}
	}
	if body["status"] != "degraded" || strings.Contains(string(text), "127.0.0.1") {
		t.Errorf("readyz: %s", text)
	}
	if code, body := get(t, url+"/query?query=up"); code != 401 || body["code"] != "authentication_required" {
		t.Errorf("query: %d %v", code, body)
	}
}

func serve(t *testing.T, addr string) {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	grpc_health_v1.RegisterHealthServer(server, health.NewServer())
	var done sync.WaitGroup
	done.Go(func() { _ = server.Serve(l) })
	t.Cleanup(func() {
		server.Stop()
		done.Wait()
	})
}

func TestConfig(t *testing.T) {
	good := defaults()
	good.Complete()
	if err := good.Validate(); err != nil {
		t.Errorf("defaults: %v", err)
	}
	tests := []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"endpoint", func(c *Config) { c.Query.Endpoint = "nowhere" }, "query.endpoint"},
		{"logs endpoint", func(c *Config) { c.Logs.Endpoint = "nowhere" }, "logs.endpoint"},
		{"traces endpoint", func(c *Config) { c.Traces.Endpoint = "" }, "traces.endpoint"},
		{"port", func(c *Config) { c.Port = 70000 }, "port 70000"},
		{"auth off in production", func(c *Config) { c.Environment, c.Auth.Enabled = "production", false }, "auth.enabled"},
		{"default secret in production", func(c *Config) { c.Environment = "production" }, "auth.jwt.secret"},
		{"any origin in production", func(c *Config) {
			c.Environment, c.CORS.AllowedOrigins, c.CORS.AllowCredentials = "production", []string{"*"}, false
		}, "cors.allowed_origins"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := defaults()
			tt.change(&c)
			if err := c.Validate(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestPortReplacesThePortOfListen(t *testing.T) {
	c := defaults()
	c.Listen, c.Port = "0.0.0.0:1", 8088
	c.Complete()
	if c.Listen != "0.0.0.0:8088" || c.MetricsListen != "0.0.0.0:9088" {
		t.Errorf("listen %s, metrics %s", c.Listen, c.MetricsListen)
	}
}

func TestKeyIsRequiredInProduction(t *testing.T) {
	c := defaults()
	c.Environment = "production"
	if _, err := newSigner(c, &service.Server{}); err == nil || !strings.Contains(err.Error(), "identity.private_key") {
		t.Errorf("error %v", err)
	}
}
