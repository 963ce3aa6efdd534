package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testConfig is the configuration of a service under test.
type testConfig struct {
	Config
	Greeting string `key:"{service}.greeting" reload:"true" doc:"what it says"`
	Password string `key:"{service}.password" env:"TEST_PASSWORD" secret:"true"`
}

func testDefaults() testConfig {
	c := testConfig{Config: Defaults("127.0.0.1:0"), Greeting: "hello"}
	c.Environment = "test"
	return c
}

type wire = func(ctx context.Context, cfg testConfig, s *Server) error

// buffer is written by the program and read by the test.
type buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func program(w wire) (Program[testConfig], *buffer, *buffer) {
	out, log := &buffer{}, &buffer{}
	return Program[testConfig]{Name: "query", Build: Build{"v1.2.3", "abc", "today"}, Defaults: testDefaults, Wire: w,
		Environ: []string{"A=b"}, Stdout: out, Stderr: log}, out, log
}

func nothing(context.Context, testConfig, *Server) error { return nil }

// running is a started program.
type running struct {
	*Server
	log  *buffer
	stop func() error
}

// run starts a program and waits until it serves.
func run(t *testing.T, p Program[testConfig], args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	up, done := make(chan *Server, 1), make(chan error, 1)
	p.Started = func(s *Server) { up <- s }
	go func() { done <- p.Run(ctx, args...) }()
	var stopped sync.Once
	var result error
	r := &running{log: p.Stderr.(*buffer), stop: func() error {
		stopped.Do(func() { cancel(); result = <-done })
		return result
	}}
	select {
	case r.Server = <-up:
	case err := <-done:
		t.Fatalf("ended before it served: %v\n%s", err, r.log)
	case <-time.After(20 * time.Second):
		t.Fatal("never served")
	}
	t.Cleanup(func() { _ = r.stop() })
	return r
}

// get asks the metrics listener.
func (r *running) get(t *testing.T, path string) (int, string) {
	t.Helper()
	return get(t, "http://"+r.Addr("metrics")+path)
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	client := http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func (r *running) readiness(t *testing.T) Readiness {
	t.Helper()
	_, body := r.get(t, "/readyz?verbose")
	var out Readiness
	if err := json.Unmarshal([]byte(body), &out); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return out
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never %s", what)
		}
	}
}

func TestCommands(t *testing.T) {
	file := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(file, []byte("query: {greeting: hi, password: hush}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	if err := os.WriteFile(bad, []byte("query: {greting: hi}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		args []string
		code int
		want []string
	}{
		{"version", []string{"version"}, 0, []string{"mirador-query v1.2.3", "abc", "today"}},
		{"version flag", []string{"--version"}, 0, []string{"mirador-query v1.2.3"}},
		{"print", []string{"--config", file, "--print-config"}, 0, []string{`greeting: "hi"`, `password: "********"`, `secret: "********"`}},
		{"print after the command", []string{"serve", "--print-config", "--config", file}, 0, []string{`greeting: "hi"`}},
		{"set", []string{"--print-config", "--set", "query.greeting=hey"}, 0, []string{`greeting: "hey"`}},
		{"check", []string{"--check-config", "--config", file}, 0, []string{"valid", file}},
		{"check a bad file", []string{"--check-config", "--config", bad}, 2, []string{`"query.greting"`, `"query.greeting"`, bad}},
		{"serve with a bad file", []string{"--config", bad}, 2, []string{`"query.greting"`}},
		{"absent file", []string{"--config", "/nowhere.yaml"}, 2, []string{"/nowhere.yaml"}},
		{"docs", []string{"config-docs"}, 0, []string{"## query", "| `query.greeting` |", "| what it says |", "`LOG_LEVEL`"}},
		{"unknown command", []string{"dance"}, 2, []string{`unknown command "dance"`, "healthcheck"}},
		{"two commands", []string{"serve", "version"}, 2, []string{"unknown command"}},
		{"unknown flag", []string{"--dance"}, 2, []string{"-dance", "usage:"}},
		{"help", []string{"--help"}, 0, []string{"usage: query", "-check-config"}},
		{"bad set", []string{"--set", "x"}, 2, []string{"key=value"}},
		{"nobody there", []string{"healthcheck", "--set", "query.metrics_listen=127.0.0.1:1"}, 1, []string{"healthcheck"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, out, log := program(func(context.Context, testConfig, *Server) error { return errors.New("must not serve") })
			if code := p.Exit(context.Background(), tt.args...); code != tt.code {
				t.Errorf("exit code %d: %s", code, log)
			}
			for _, want := range tt.want {
				if !strings.Contains(out.String()+log.String(), want) {
					t.Errorf("output lacks %q:\n%s%s", want, out, log)
				}
			}
			if strings.Contains(out.String()+log.String(), "hush") {
				t.Error("a secret is shown")
			}
		})
	}
}
