package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	"github.com/platformbuilds/mirador-core/libs/service"
	tracesv1 "github.com/platformbuilds/mirador-core/proto/gen/traces/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestDefaultsAreValid(t *testing.T) {
	c := defaults()
	for name, check := range map[string]interface{ Validate() error }{"backend": c.Backend, "traces": c.Traces, "nats": c.NATS} {
		if err := check.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestConfigRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*Config) interface{ Validate() error }{
		"no url":  func(c *Config) interface{ Validate() error } { c.Backend.Endpoints = nil; return c.Backend },
		"timeout": func(c *Config) interface{ Validate() error } { c.Traces.Timeout = 0; return c.Traces },
		"ttl":     func(c *Config) interface{ Validate() error } { c.Traces.ListTTL = -1; return c.Traces },
		"spans":   func(c *Config) interface{ Validate() error } { c.Traces.MaxSpans = 0; return c.Traces },
		"range":   func(c *Config) interface{ Validate() error } { c.Traces.MaxRange = 0; return c.Traces },
		"calls":   func(c *Config) interface{ Validate() error } { c.Traces.MaxConcurrent = 0; return c.Traces },
	} {
		c := defaults()
		if spoil(&c).Validate() == nil {
			t.Errorf("%s passes", name)
		}
	}
}

// TestProgram runs the service with nothing but a back end around it.
func TestProgram(t *testing.T) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	addresses := make(chan string, 1)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	program := service.Program[Config]{Name: "traces", Wire: wire, Stdout: io.Discard, Stderr: io.Discard, Environ: []string{},
		Defaults: func() Config { return alone(backend(t), public) },
		Started:  func(s *service.Server) { addresses <- s.Addr("grpc") }}
	go func() { ended <- program.Exit(ctx, "serve") }()
	select {
	case address := <-addresses:
		checkServices(t, address, private)
	case code := <-ended:
		t.Fatalf("the service ended with %d", code)
	}
	stop()
	if code := <-ended; code != 0 {
		t.Errorf("the service ended with %d", code)
	}
}

func backend(t *testing.T) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"data":["tenant `+r.Header.Get("AccountID")+":"+r.Header.Get("ProjectID")+` of `+r.URL.Path+`"]}`)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func alone(endpoint string, public ed25519.PublicKey) Config {
	c := defaults()
	c.Listen, c.MetricsListen = "127.0.0.1:0", "127.0.0.1:0"
	c.Identity.PublicKeys = []string{base64.StdEncoding.EncodeToString(public)}
	c.Backend.Endpoints, c.NATS.URLs = []string{endpoint}, []string{"nats://127.0.0.1:1"}
	return c
}

func checkServices(t *testing.T, address string, private ed25519.PrivateKey) {
	signer := identity.NewSigner(private, time.Now)
	conn, err := rpc.Dial(address, rpc.ClientOptions{Token: func(context.Context) (string, error) {
		token, _, err := signer.Sign(&identity.Identity{Tenant: "demo", Account: 7, Project: 8, User: "u", Permissions: []string{"traces.query"}})
		return token, err
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	stream, err := tracesv1.NewTracesServiceClient(conn).Services(ctx, &tracesv1.ServicesRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var body strings.Builder
	for {
		m, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		body.Write(m.GetData())
	}
	if want := `{"data":["tenant 7:8 of /select/jaeger/api/services"]}`; body.String() != want {
		t.Errorf("got %s", body.String())
	}
	if ttl := stream.Trailer().Get(rpc.KeyCacheTTL); len(ttl) != 1 || ttl[0] != "300000" {
		t.Errorf("got %v", stream.Trailer())
	}
}
