package service

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/config"
	"github.com/platformbuilds/mirador-core/libs/identity"
)

func load(env ...string) (testConfig, error) {
	return config.Load(testDefaults(), config.Options{Service: "query", Environ: append([]string{"A=b"}, env...)})
}

func TestConfigFaults(t *testing.T) {
	tests := []struct {
		name string
		env  []string
		want string
	}{
		{"environment", []string{"ENVIRONMENT=moon"}, `environment "moon"`},
		{"log level", []string{"LOG_LEVEL=loud"}, `log level "loud"`},
		{"address", []string{"MIRADOR_QUERY_LISTEN=here"}, `listen "here"`},
		{"port", []string{"MIRADOR_QUERY_METRICS_LISTEN=:70000"}, `metrics_listen ":70000"`},
		{"short secret", []string{"JWT_SECRET=short"}, "want at least 32"},
		{"default secret in production", []string{"ENVIRONMENT=production", "JWT_SECRET=" + identity.DevelopmentSecret}, "development default"},
		{"default secret in staging", []string{"ENVIRONMENT=staging", "JWT_SECRET=" + identity.DevelopmentSecret}, "development default"},
		{"public key", []string{"IDENTITY_PUBLIC_KEYS=x"}, "identity: public_keys"},
		{"private key", []string{"IDENTITY_PRIVATE_KEY=x"}, "identity: identity private key"},
		{"half of TLS", []string{"GRPC_TLS_CERT_FILE=/x"}, "tls: cert_file, key_file and ca_file"},
		{"tenants share an id", []string{`MIRADOR_TENANTS=[{"name":"a","id":"1"},{"name":"b","id":"1:0"}]`}, "share the id"},
		{"tracing without endpoint", []string{"MIRADOR_MONITORING_TRACING_ENABLED=true"}, "otlp_endpoint"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := load(tt.env...)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if err != nil && strings.Count(err.Error(), tt.want) > 1 {
				t.Errorf("told twice: %v", err)
			}
		})
	}
}

func TestConfigDerives(t *testing.T) {
	c, err := load("MIRADOR_QUERY_LISTEN=127.0.0.1:9101")
	if err != nil || c.MetricsListen != "127.0.0.1:10101" {
		t.Errorf("metrics at %q, %v", c.MetricsListen, err)
	}
	if c.JWT.Secret != identity.DevelopmentSecret {
		t.Error("development has no secret")
	}
	c, err = load("ENVIRONMENT=production")
	if err != nil || c.JWT.Secret != "" {
		t.Errorf("production has the secret %q, %v", c.JWT.Secret, err)
	}
}

func TestIdentityKeys(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := load("IDENTITY_PRIVATE_KEY=" + base64.StdEncoding.EncodeToString(private.Seed()))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := c.Identity.Public()
	if err != nil || len(keys) != 1 || !keys[0].Equal(public) {
		t.Errorf("keys %v, %v", keys, err)
	}
}

func TestBearer(t *testing.T) {
	c, err := load(`MIRADOR_TENANTS=[{"name":"demo","id":"7:1"}]`)
	if err != nil {
		t.Fatal(err)
	}
	b, err := newBearer(c.Config)
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := c.JWT.Tokens(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	issue := func(tenant string) string {
		claims := identity.Claims{Tenant: tenant, Roles: []string{"viewer"}}
		claims.Subject = "ann"
		token, _, err := tokens.Issue(claims)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	id, err := b.Verify(issue("demo"))
	if err != nil || id.Tenant != "demo" || id.Account != 7 || id.Project != 1 || id.User != "ann" || !id.Has("metrics.query") || id.Has("schema.write") {
		t.Errorf("identity %+v, %v", id, err)
	}
	for name, token := range map[string]string{"tenant that is not configured": issue("moon"), "garbage": "x", "none": ""} {
		if _, err := b.Verify(token); err == nil {
			t.Errorf("%s passes", name)
		}
	}
	revoked := func(*identity.Claims) bool { return true }
	(&Server{bearer: b}).Revoked(revoked)
	if _, err := b.Verify(issue("demo")); err == nil {
		t.Error("a revoked token passes")
	}
}

func TestBearerWithoutSecretRefusesAll(t *testing.T) {
	b, err := newBearer(Defaults("127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Verify(""); err == nil {
		t.Error("passes")
	}
}

func TestProductionRefusesPlaintextServer(t *testing.T) {
	p, _, log := program(func(_ context.Context, _ testConfig, s *Server) error { s.GRPC(); return nil })
	code := p.Exit(context.Background(), "--set", "environment=production", "--set", "query.listen=0.0.0.0:0", "--set", "query.metrics_listen=127.0.0.1:0")
	if code != 2 || !strings.Contains(log.String(), "beyond loopback") {
		t.Errorf("exit code %d: %s", code, log)
	}
}
