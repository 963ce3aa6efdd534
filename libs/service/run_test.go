package service

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
)

func TestServeAndStop(t *testing.T) {
	var order []string
	closing := func(name string) func(context.Context) error {
		return func(context.Context) error { order = append(order, name); return nil }
	}
	p, _, _ := program(func(_ context.Context, _ testConfig, s *Server) error {
		s.GRPC()
		s.OnClose("store", closing("store"))
		s.OnClose("domain", closing("domain"))
		s.Go("worker", func(ctx context.Context) error {
			<-ctx.Done()
			order = append(order, "worker")
			return ctx.Err()
		})
		return nil
	})
	r := run(t, p)
	if code, body := r.get(t, "/livez"); code != 200 || body != "ok\n" {
		t.Errorf("livez %d %q", code, body)
	}
	if code, body := r.get(t, "/readyz"); code != 200 || strings.TrimSpace(body) != `{"status":"healthy"}` {
		t.Errorf("readyz %d %q", code, body)
	}
	if code, body := r.get(t, "/metrics"); code != 200 || !strings.Contains(body, `mirador_core_build_info{component="mirador-core",go_version="go`) {
		t.Errorf("metrics %d %q", code, body)
	}
	if code, _ := r.get(t, "/debug/pprof/"); code != 404 {
		t.Errorf("the profiler is open: %d", code)
	}
	ask(t, r)
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	if want := []string{"worker", "domain", "store"}; !slices.Equal(order, want) {
		t.Errorf("closed %v, want %v", order, want)
	}
	if log := r.log.String(); !strings.Contains(log, `"message":"started"`) || !strings.Contains(log, `"message":"stopped"`) {
		t.Errorf("log: %s", log)
	}
}

// ask checks the health service of the gRPC listener.
func ask(t *testing.T, r *running) {
	t.Helper()
	c, err := r.Dial("self", r.Addr("grpc"), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	got, err := grpc_health_v1.NewHealthClient(c).Check(ctx, &grpc_health_v1.HealthCheckRequest{})
	if err != nil || got.Status != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Errorf("health %v, %v", got, err)
	}
}

func TestHealthcheckCommand(t *testing.T) {
	sick := errors.New("away")
	p, _, _ := program(func(_ context.Context, _ testConfig, s *Server) error {
		s.Check("store", true, func(context.Context) error { return sick })
		return nil
	})
	r := run(t, p)
	probe, _, log := program(nothing)
	set := []string{"healthcheck", "--set", "query.metrics_listen=" + r.Addr("metrics")}
	if code := probe.Exit(context.Background(), set...); code != 1 || !strings.Contains(log.String(), "503") {
		t.Errorf("exit code %d: %s", code, log)
	}
	if code := probe.Exit(context.Background(), append(set, "--live")...); code != 0 {
		t.Errorf("exit code %d: %s", code, log)
	}
}

func TestReachable(t *testing.T) {
	for listen, want := range map[string]string{
		":1": "127.0.0.1:1", "0.0.0.0:1": "127.0.0.1:1", "[::]:1": "127.0.0.1:1", "127.0.0.2:1": "127.0.0.2:1", "host:1": "host:1",
	} {
		if got := reachable(listen); got != want {
			t.Errorf("%s: got %s, want %s", listen, got, want)
		}
	}
}

func TestWireFailureClosesWhatWasBuilt(t *testing.T) {
	var closed []string
	broken := errors.New("no store")
	var addr string
	p, _, log := program(func(_ context.Context, _ testConfig, s *Server) error {
		if err := s.Listen("edge", "127.0.0.1:0", func(net.Listener) error { return errors.New("must not serve") }, nil); err != nil {
			return err
		}
		addr = s.Addr("edge")
		s.OnClose("first", func(context.Context) error { closed = append(closed, "first"); return nil })
		s.Go("worker", func(ctx context.Context) error { <-ctx.Done(); closed = append(closed, "worker"); return nil })
		return broken
	})
	p.Started = func(*Server) { t.Error("started") }
	if err := p.Run(context.Background()); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if !slices.Equal(closed, []string{"worker", "first"}) {
		t.Errorf("closed %v", closed)
	}
	if _, err := net.Dial("tcp", addr); err == nil {
		t.Error("the listener is still open")
	}
	if n := strings.Count(log.String(), "no store"); n != 1 {
		t.Errorf("told %d times: %s", n, log)
	}
}

func TestFailuresEndTheService(t *testing.T) {
	lost := errors.New("lost")
	tests := []struct {
		name string
		run  func(ctx context.Context) error
		want []string
	}{
		{"error", func(context.Context) error { return lost }, []string{"worker: lost"}},
		{"panic", func(context.Context) error { panic("oh no") }, []string{"worker: panic: oh no", `"stack":"goroutine`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, _, log := program(func(_ context.Context, _ testConfig, s *Server) error {
				s.Go("worker", tt.run)
				return nil
			})
			if code := p.Exit(context.Background()); code != 1 {
				t.Errorf("exit code %d", code)
			}
			for _, want := range tt.want {
				if !strings.Contains(log.String(), want) {
					t.Errorf("log lacks %q: %s", want, log)
				}
			}
		})
	}
}

func TestGoroutineThatEndsByItselfIsFine(t *testing.T) {
	p, _, _ := program(func(_ context.Context, _ testConfig, s *Server) error {
		s.Go("once", func(context.Context) error { return nil })
		return nil
	})
	if err := run(t, p).stop(); err != nil {
		t.Error(err)
	}
}

func TestListenServesAndDrains(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-release
		_, _ = w.Write([]byte("whole"))
	})}
	var endless context.Context
	p, _, _ := program(func(_ context.Context, _ testConfig, s *Server) error {
		endless = s.Draining()
		return s.Listen("edge", "127.0.0.1:0", server.Serve, server.Shutdown)
	})
	r := run(t, p)
	if endless.Err() != nil {
		t.Error("draining from the begin")
	}
	answer := make(chan string, 1)
	go func() {
		_, body := get(t, "http://"+r.Addr("edge")+"/")
		answer <- body
	}()
	<-entered
	stopped := make(chan error, 1)
	go func() { stopped <- r.stop() }()
	eventually(t, "draining", func() bool { return r.readiness(t).Status == "draining" })
	<-endless.Done()
	close(release)
	if got := <-answer; got != "whole" {
		t.Errorf("the call under way got %q", got)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func TestSlowCallsAreCutOff(t *testing.T) {
	entered := make(chan struct{})
	server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
	})}
	p, _, _ := program(func(_ context.Context, _ testConfig, s *Server) error {
		return s.Listen("edge", "127.0.0.1:0", server.Serve, func(ctx context.Context) error {
			return errors.Join(server.Shutdown(ctx), server.Close())
		})
	})
	r := run(t, p, "--set", "shutdown.timeout=100ms")
	go func() {
		if resp, err := http.Get("http://" + r.Addr("edge")); err == nil {
			_ = resp.Body.Close()
		}
	}()
	<-entered
	if err := r.stop(); err == nil || !strings.Contains(err.Error(), "stop edge") {
		t.Errorf("got %v", err)
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestSlowGRPCCallsAreCutOff(t *testing.T) {
	p, _, _ := program(func(_ context.Context, _ testConfig, s *Server) error { s.GRPC(); return nil })
	r := run(t, p, "--set", "shutdown.timeout=100ms")
	conn, err := grpc.NewClient(r.Addr("grpc"), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	// A watch that nobody ends keeps its connection busy for ever.
	watch, err := grpc_health_v1.NewHealthClient(conn).Watch(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := watch.Recv(); err != nil || got.Status != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Fatalf("%v, %v", got, err)
	}
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	if got, err := watch.Recv(); err != nil || got.Status != grpc_health_v1.HealthCheckResponse_NOT_SERVING {
		t.Errorf("draining: %v, %v", got, err)
	}
	if _, err := watch.Recv(); err == nil || !strings.Contains(r.log.String(), "cut off") {
		t.Errorf("watch %v, log %s", err, r.log)
	}
}

func TestPortInUse(t *testing.T) {
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lis.Close() }()
	for _, key := range []string{"query.listen", "query.metrics_listen"} {
		p, _, _ := program(func(_ context.Context, _ testConfig, s *Server) error { s.GRPC(); return nil })
		if err := p.Run(context.Background(), "--set", key+"="+lis.Addr().String()); err == nil {
			t.Errorf("%s: no error", key)
		}
	}
}

func TestLogLinesAreJSON(t *testing.T) {
	p, _, log := program(nothing)
	if err := run(t, p).stop(); err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(strings.TrimSpace(log.String()), "\n") {
		var got map[string]any
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		for _, key := range []string{"level", "timestamp", "caller", "message", "component"} {
			if _, ok := got[key]; !ok {
				t.Errorf("no %s in %s", key, line)
			}
		}
	}
}
