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

	"github.com/platformbuilds/mirador-core/libs/cache"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	"github.com/platformbuilds/mirador-core/libs/service"
	queryv1 "github.com/platformbuilds/mirador-core/proto/gen/query/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestDefaultsAreValid(t *testing.T) {
	c := defaults()
	for name, check := range map[string]interface{ Validate() error }{
		"metrics": c.Metrics, "query": c.Query, "limits": c.Query.Limits, "cache": c.Cache, "nats": c.NATS,
	} {
		if err := check.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestConfigRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*Config) interface{ Validate() error }{
		"mode":    func(c *Config) interface{ Validate() error } { c.Metrics.Mode = "both"; return c.Metrics },
		"no url":  func(c *Config) interface{ Validate() error } { c.Metrics.Endpoints = nil; return c.Metrics },
		"timeout": func(c *Config) interface{ Validate() error } { c.Query.Timeout = 0; return c.Query },
		"limits":  func(c *Config) interface{ Validate() error } { c.Query.Limits.MaxPoints = -1; return c.Query.Limits },
		"twice": func(c *Config) interface{ Validate() error } {
			c.Query.TenantLimits = []TenantLimits{{Tenant: "a"}, {Tenant: "a"}}
			return c.Query
		},
	} {
		c := defaults()
		if spoil(&c).Validate() == nil {
			t.Errorf("%s passes", name)
		}
	}
}

func TestTenantLimits(t *testing.T) {
	c := defaults()
	c.Query.TenantLimits = []TenantLimits{{Tenant: "small", LimitConfig: LimitConfig{MaxPoints: 5}}}
	limits := c.limits()
	if got := limits("small"); got.Points != 5 || got.Series != c.Query.Limits.MaxSeries {
		t.Errorf("got %+v", got)
	}
	if got := limits("any"); got.Points != 11_000 {
		t.Errorf("got %+v", got)
	}
}

// TestProgram runs the service with nothing but a back end around it: NATS,
// Valkey and the schema service are away, and queries are answered.
func TestProgram(t *testing.T) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	addresses := make(chan string, 1)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	program := service.Program[Config]{Name: "query", Wire: wire, Stdout: io.Discard, Stderr: io.Discard, Environ: []string{},
		Defaults: func() Config { return alone(backend(t), public) },
		Started:  func(s *service.Server) { addresses <- s.Addr("grpc") }}
	go func() { ended <- program.Exit(ctx, "serve") }()
	select {
	case address := <-addresses:
		checkQuery(t, address, private)
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
		_, _ = io.WriteString(w, `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"path":"`+r.URL.Path+`"},"value":[1,"1"]}]}}`)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func alone(endpoint string, public ed25519.PublicKey) Config {
	c := defaults()
	c.Listen, c.MetricsListen = "127.0.0.1:0", "127.0.0.1:0"
	c.Identity.PublicKeys = []string{base64.StdEncoding.EncodeToString(public)}
	c.Metrics.Endpoints = []string{endpoint}
	c.Cache = cache.Defaults()
	c.Cache.Nodes, c.NATS.URLs, c.SchemaEndpoint = []string{"127.0.0.1:1"}, []string{"nats://127.0.0.1:1"}, "127.0.0.1:1"
	return c
}

func checkQuery(t *testing.T, address string, private ed25519.PrivateKey) {
	signer := identity.NewSigner(private, time.Now)
	conn, err := rpc.Dial(address, rpc.ClientOptions{Token: func(context.Context) (string, error) {
		token, _, err := signer.Sign(&identity.Identity{Tenant: "demo", Account: 7, User: "u", Permissions: []string{"metrics.query"}})
		return token, err
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	stream, err := queryv1.NewQueryServiceClient(conn).Instant(ctx, &queryv1.InstantRequest{Query: "up"})
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
	for _, want := range []string{`"path":"/select/7/prometheus/api/v1/query"`, `"definitions":null`, `"warnings":["definitions are not available`} {
		if !strings.Contains(body.String(), want) {
			t.Errorf("%s is missing in %s", want, body.String())
		}
	}
}
