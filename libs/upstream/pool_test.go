package upstream

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// patience bounds every wait of these tests.
const patience = 20 * time.Second

func backend(t *testing.T, handle http.HandlerFunc) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(handle)
	t.Cleanup(srv.Close)
	return srv
}

func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

func answers(status int, calls *atomic.Int64) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != DefaultOptions().ProbePath {
			calls.Add(1)
		}
		w.WriteHeader(status)
	}
}

func config(endpoints ...string) Config {
	cfg := Config{Name: "test", Endpoints: endpoints, Options: DefaultOptions()}
	cfg.Timeout = patience
	return cfg
}

func newPool(t *testing.T, cfg Config) *Pool {
	t.Helper()
	p, err := New(t.Context(), cfg, Deps{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Registerer: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return p
}

var get = Request{Method: http.MethodGet, Target: Target{Path: "/q"}, Idempotent: true}

// call gives the whole body, or the fault.
func call(ctx context.Context, p *Pool, r Request) (string, error) {
	resp, err := p.Do(ctx, r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}

func wantFault(t *testing.T, err error, code fault.Code) {
	t.Helper()
	if got := fault.From(err); got == nil || got.Code != code {
		t.Fatalf("error %v, want a fault %s", err, code)
	}
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("never happened: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestRequestIsBuiltFromNothing(t *testing.T) {
	var got *http.Request
	var body string
	srv := backend(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got, body = r, string(b)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Secret", "internal")
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = io.WriteString(w, `{"status":"error"}`)
	})
	cfg := config(srv.URL + "/base/")
	cfg.Username, cfg.Password = "ann", "pw"
	p := newPool(t, cfg)
	resp, err := p.Do(t.Context(), Request{Method: http.MethodPost,
		Target: Target{Path: "/label/a%2Fb/values", Query: "x=1&y=%20", Body: []byte("query=up")},
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Idempotent: true})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got.Method != http.MethodPost || got.RequestURI != "/base/label/a%2Fb/values?x=1&y=%20" || body != "query=up" {
		t.Errorf("sent %s %s %q", got.Method, got.RequestURI, body)
	}
	if user, pw, _ := got.BasicAuth(); user != "ann" || pw != "pw" {
		t.Errorf("credentials %q %q", user, pw)
	}
	if _, sent := got.Header["Idempotency-Key"]; sent || got.Header.Get("Accept-Encoding") != "" {
		t.Errorf("headers %v", got.Header)
	}
	if resp.Status != http.StatusUnprocessableEntity || resp.Header.Get("X-Secret") != "" || resp.Header.Get("Content-Type") == "" {
		t.Errorf("status %d, header %v", resp.Status, resp.Header)
	}
	whole, ok := resp.Whole()
	if !ok || string(whole) != `{"status":"error"}` {
		t.Errorf("whole body %q %v", whole, ok)
	}
}

func TestTargetPerEndpoint(t *testing.T) {
	srv := backend(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.Path) })
	p := newPool(t, config(srv.URL))
	r := get
	r.At = func(endpoint string) Target { return Target{Path: "/for/" + endpoint} }
	got, err := call(t.Context(), p, r)
	if want := "/for/" + strings.TrimPrefix(srv.URL, "http://"); err != nil || got != want {
		t.Errorf("path %q, %v; want %q", got, err, want)
	}
}

func TestCallsAreSpread(t *testing.T) {
	var urls []string
	var counts [3]atomic.Int64
	for i := range counts {
		urls = append(urls, backend(t, answers(http.StatusOK, &counts[i])).URL)
	}
	p := newPool(t, config(urls...))
	for range 30 {
		if _, err := call(t.Context(), p, get); err != nil {
			t.Fatal(err)
		}
	}
	for i := range counts {
		if n := counts[i].Load(); n != 10 {
			t.Errorf("endpoint %d got %d of 30 calls", i, n)
		}
	}
}

func TestBusyEndpointGetsNoMore(t *testing.T) {
	arrived, release := make(chan bool, 1), make(chan bool)
	busy := backend(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			arrived <- true
			<-release
			return
		}
		t.Errorf("the busy endpoint got %s", r.URL.Path)
	})
	var calls atomic.Int64
	cfg := config(busy.URL, backend(t, answers(http.StatusOK, &calls)).URL)
	cfg.SuspectAfter = time.Hour
	p := newPool(t, cfg)
	done := make(chan error, 1)
	go func() {
		_, err := call(t.Context(), p, Request{Method: http.MethodGet, Target: Target{Path: "/slow"}, Prefer: hostOf(busy)})
		done <- err
	}()
	<-arrived
	for range 20 {
		if _, err := call(t.Context(), p, get); err != nil {
			t.Fatal(err)
		}
	}
	close(release)
	if err := <-done; err != nil || calls.Load() != 20 {
		t.Errorf("%v; the idle endpoint got %d of 20 calls", err, calls.Load())
	}
}

func TestPreferredEndpoint(t *testing.T) {
	var a, b atomic.Int64
	first, second := backend(t, answers(200, &a)), backend(t, answers(200, &b))
	p := newPool(t, config(first.URL, second.URL))
	r := get
	r.Prefer = strings.TrimPrefix(second.URL, "http://")
	for range 5 {
		if _, err := call(t.Context(), p, r); err != nil {
			t.Fatal(err)
		}
	}
	if a.Load() != 0 || b.Load() != 5 {
		t.Errorf("calls %d and %d, want 0 and 5", a.Load(), b.Load())
	}
	r.Prefer = "gone:1"
	if _, err := call(t.Context(), p, r); err != nil {
		t.Errorf("unknown preference: %v", err)
	}
}

func TestMetricsAndState(t *testing.T) {
	srv := backend(t, says("x"))
	reg := prometheus.NewRegistry()
	p, err := New(t.Context(), config(srv.URL), Deps{Log: slog.New(slog.DiscardHandler), Registerer: reg})
	if err != nil {
		t.Fatal(err)
	}
	defer p.transport.CloseIdleConnections()
	if _, err := call(t.Context(), p, get); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`# HELP mirador_upstream_requests_total Tries sent to an endpoint, by result.
# TYPE mirador_upstream_requests_total counter
mirador_upstream_requests_total{backend="test",endpoint=%q,result="failed"} 0
mirador_upstream_requests_total{backend="test",endpoint=%q,result="ok"} 1
`, p.Endpoints()[0].Endpoint, p.Endpoints()[0].Endpoint)
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "mirador_upstream_requests_total"); err != nil {
		t.Error(err)
	}
	if s := p.Endpoints()[0]; s.Ejected || s.InFlight != 0 || p.Check(t.Context()) != nil {
		t.Errorf("state %+v", s)
	}
	p.set([]string{"http://127.0.0.1:1"})
	if n := testutil.CollectAndCount(reg, "mirador_upstream_requests_total"); n != 2 {
		t.Errorf("%d series after the endpoint was replaced, want 2", n)
	}
	if _, err := New(t.Context(), config(srv.URL), Deps{Log: slog.New(slog.DiscardHandler), Registerer: reg}); err == nil {
		t.Error("two pools of one name share metrics")
	}
}

func TestConfigNamesEveryFault(t *testing.T) {
	bad := Config{Endpoints: []string{"ftp://x", "http://u:secret@x", "http://x?q=1", "http://", ":"},
		Options: Options{Prefetch: -1, Discovery: Discovery{}}}
	err := bad.Validate()
	for _, want := range []string{"timeout", "max_answer_bytes", "probe_path", "suspect_after", "prefetch_bytes", "ftp", "credentials"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("%v tells a password", err)
	}
	err = Discovery{Enabled: true, Scheme: "gopher"}.Validate()
	for _, want := range []string{"service", "scheme", "port", "refresh_seconds", "max_endpoints"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
	if err := config().Validate(); err == nil {
		t.Error("a pool without endpoints is valid")
	}
	if _, err := New(t.Context(), bad, Deps{Log: slog.New(slog.DiscardHandler)}); err == nil {
		t.Error("a pool with a bad configuration is built")
	}
}

func BenchmarkInstantQuery(b *testing.B) {
	body := bytes.Repeat([]byte("x"), 1900)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }))
	defer srv.Close()
	p, err := New(b.Context(), config(srv.URL), Deps{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer p.transport.CloseIdleConnections()
	b.Run("pool", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			resp, err := p.Do(b.Context(), get)
			if err != nil {
				b.Fatal(err)
			}
			_, _ = resp.Whole()
			resp.Body.Close()
		}
	})
	b.Run("bare", func(b *testing.B) {
		b.ReportAllocs()
		req, _ := http.NewRequestWithContext(b.Context(), http.MethodGet, srv.URL+"/q", nil)
		for b.Loop() {
			resp, err := p.transport.RoundTrip(req)
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.ReadAll(resp.Body)
			resp.Body.Close()
		}
	})
}
