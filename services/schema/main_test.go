package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"io"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/platformbuilds/mirador-core/libs/events/eventstest"
	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	"github.com/platformbuilds/mirador-core/libs/service"
	schemav1 "github.com/platformbuilds/mirador-core/proto/gen/schema/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// system is the service as a process, with its own NATS.
type system struct {
	nats   *eventstest.Server
	client schemav1.SchemaServiceClient
	signer *identity.Signer
}

func program(environ ...string) service.Program[Config] {
	return service.Program[Config]{Name: "schema", Defaults: defaults, Wire: wire,
		Environ: append(environ, "LOG_LEVEL=error"), Stdout: io.Discard, Stderr: io.Discard}
}

func start(t *testing.T, environ ...string) *system {
	t.Helper()
	srv := eventstest.Start(t)
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	p := program(append(environ, "MIRADOR_SCHEMA_LISTEN=127.0.0.1:0", "MIRADOR_SCHEMA_METRICS_LISTEN=127.0.0.1:0", "NATS_URLS="+srv.URL(),
		"IDENTITY_PUBLIC_KEYS="+base64.StdEncoding.EncodeToString(public),
		// Nobody listens there.
		"QUERY_GRPC=127.0.0.1:1", "LOGS_GRPC=127.0.0.1:1", "TRACES_GRPC=127.0.0.1:1", "VALKEY_CACHE_NODES=127.0.0.1:1")...)
	started := make(chan string, 1)
	p.Started = func(s *service.Server) { started <- s.Addr("grpc") }
	eventstest.Run(t, func(ctx context.Context) error { return p.Run(ctx) })
	select {
	case addr := <-started:
		conn, err := rpc.Dial(addr, rpc.ClientOptions{Conns: 1})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return &system{srv, schemav1.NewSchemaServiceClient(conn), identity.NewSigner(private, time.Now)}
	case <-time.After(20 * time.Second):
		t.Fatal("the service does not start")
		return nil
	}
}

// as gives the context of a call by a user of a tenant.
func (s *system) as(t *testing.T, tenant string, permissions ...string) context.Context {
	t.Helper()
	token, _, err := s.signer.Sign(&identity.Identity{Tenant: tenant, Account: 1, User: "ann", Permissions: permissions})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return metadata.AppendToOutgoingContext(ctx, rpc.KeyIdentity, token)
}

func (s *system) writer(t *testing.T, tenant string) context.Context {
	return s.as(t, tenant, "metrics.query", "schema.read", "schema.write")
}

// upsert waits for the service to be ready.
func (s *system) upsert(t *testing.T, tenant string, req *schemav1.UpsertMetricRequest) (epoch string) {
	t.Helper()
	eventstest.Eventually(t, "the upsert succeeds", func() bool {
		var header metadata.MD
		resp, err := s.client.UpsertMetric(s.writer(t, tenant), req, grpc.Header(&header))
		if got := header.Get(rpc.KeyEpoch); len(got) == 1 {
			epoch = got[0]
		}
		return err == nil && resp.GetStatus() == "ok"
	})
	return epoch
}

func texts(t *testing.T, list ...any) *structpb.Value {
	t.Helper()
	v, err := structpb.NewValue(list)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestDefinitionsEndToEnd(t *testing.T) {
	s := start(t)
	allowed, err := structpb.NewStruct(map[string]any{"values": []any{"api", "web"}})
	if err != nil {
		t.Fatal(err)
	}
	epoch := s.upsert(t, "demo", &schemav1.UpsertMetricRequest{Metric: "http_requests_total", Description: "Requests.",
		Owner: "edge", Tags: texts(t, "http"), Author: "mallory",
		Labels: []*schemav1.LabelInput{{Label: "job", Type: "string", Required: true, AllowedValues: allowed}}})
	if epoch == "" || epoch == "0" {
		t.Errorf("epoch header %q", epoch)
	}
	ctx := metadata.AppendToOutgoingContext(s.as(t, "demo", "metrics.query", "schema.read"), rpc.KeyEpoch, epoch)
	m, err := s.client.GetMetric(ctx, &schemav1.GetMetricRequest{Metric: "http_requests_total"})
	if err != nil || m.GetTenantId() != "demo" || m.GetDescription() != "Requests." || m.GetOwner() != "edge" || m.GetUpdatedAt().AsTime().IsZero() {
		t.Errorf("metric %v, %v", m, err)
	}
	l, err := s.client.GetLabel(ctx, &schemav1.GetLabelRequest{Metric: "http_requests_total", Label: "job"})
	if err != nil || !l.GetRequired() || len(l.GetAllowedValues().GetFields()) != 1 {
		t.Errorf("label %v, %v", l, err)
	}
	if _, err := s.client.UpsertLabel(s.writer(t, "demo"), &schemav1.UpsertLabelRequest{Metric: "http_requests_total", Label: "env"}); err != nil {
		t.Fatal(err)
	}
	found, err := s.client.LookupDefinitions(ctx, &schemav1.LookupDefinitionsRequest{Metrics: []string{"http_requests_total", "up"}})
	if err != nil || len(found.GetMetrics()) != 1 || len(found.GetLabels()) != 2 || found.GetEpoch() == 0 {
		t.Errorf("lookup %v, %v", found, err)
	}
	other, err := s.client.LookupDefinitions(s.as(t, "other", "metrics.query", "schema.read"), &schemav1.LookupDefinitionsRequest{Metrics: []string{"http_requests_total"}})
	if err != nil || len(other.GetMetrics())+len(other.GetLabels()) != 0 {
		t.Errorf("another tenant finds %v, %v", other, err)
	}
}

func TestRefusals(t *testing.T) {
	s := start(t)
	s.upsert(t, "demo", &schemav1.UpsertMetricRequest{Metric: "up"})
	tests := []struct {
		name string
		call func() error
		want fault.Code
	}{
		{"no identity", func() error {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			_, err := s.client.GetMetric(ctx, &schemav1.GetMetricRequest{Metric: "up"})
			return err
		}, fault.CodeAuthRequired},
		{"reader writes", func() error {
			_, err := s.client.UpsertMetric(s.as(t, "demo", "metrics.query", "schema.read"), &schemav1.UpsertMetricRequest{Metric: "up"})
			return err
		}, fault.CodeAccessDenied},
		{"foreign tenant", func() error {
			_, err := s.client.UpsertMetric(s.writer(t, "other"), &schemav1.UpsertMetricRequest{Metric: "up", TenantId: "demo"})
			return err
		}, fault.CodeTenantForeign},
		{"foreign tenant of a label", func() error {
			_, err := s.client.UpsertLabel(s.writer(t, "other"), &schemav1.UpsertLabelRequest{Metric: "up", Label: "x", TenantId: "demo"})
			return err
		}, fault.CodeTenantForeign},
		{"no name", func() error {
			_, err := s.client.UpsertMetric(s.writer(t, "demo"), &schemav1.UpsertMetricRequest{})
			return err
		}, fault.CodeInvalidRequest},
		{"other tenant's metric", func() error {
			_, err := s.client.GetMetric(s.writer(t, "other"), &schemav1.GetMetricRequest{Metric: "up"})
			return err
		}, fault.CodeNotFound},
		{"foreign tenant of a log field", func() error {
			_, err := s.client.UpsertLogField(s.writer(t, "other"), &schemav1.UpsertLogFieldRequest{Field: "x", TenantId: "demo"})
			return err
		}, fault.CodeTenantForeign},
		{"operation without service", func() error {
			_, err := s.client.UpsertOperation(s.writer(t, "demo"), &schemav1.UpsertOperationRequest{Service: "none", Operation: "x"})
			return err
		}, fault.CodeInvalidRequest},
		{"tags that are no texts", func() error {
			_, err := s.client.UpsertMetric(s.writer(t, "demo"), &schemav1.UpsertMetricRequest{Metric: "up", Tags: texts(t, 1.0)})
			return err
		}, fault.CodeInvalidRequest},
		{"reader deletes", func() error {
			_, err := s.client.DeleteDefinition(s.as(t, "demo", "schema.read"), &schemav1.DeleteDefinitionRequest{Metric: "up"})
			return err
		}, fault.CodeAccessDenied},
		{"two names at once", func() error {
			_, err := s.client.DeleteDefinition(s.writer(t, "demo"), &schemav1.DeleteDefinitionRequest{Metric: "up", Service: "x"})
			return err
		}, fault.CodeInvalidRequest},
		{"no name at all", func() error {
			_, err := s.client.ListVersions(s.writer(t, "demo"), &schemav1.VersionsRequest{Operation: "x"})
			return err
		}, fault.CodeInvalidRequest},
		{"search without words", func() error {
			_, err := s.client.SearchDefinitions(s.writer(t, "demo"), &schemav1.SearchDefinitionsRequest{})
			return err
		}, fault.CodeInvalidRequest},
		{"unknown label", func() error {
			_, err := s.client.GetLabel(s.writer(t, "demo"), &schemav1.GetLabelRequest{Metric: "up", Label: "x"})
			return err
		}, fault.CodeNotFound},
		{"too many names", func() error {
			_, err := s.client.LookupDefinitions(s.writer(t, "demo"), &schemav1.LookupDefinitionsRequest{Metrics: make([]string, 201)})
			return err
		}, fault.CodeInvalidRequest},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if f := fault.From(tt.call()); f == nil || f.Code != tt.want {
				t.Errorf("got %v, want %s", f, tt.want)
			}
		})
	}
}

func TestNATSAway(t *testing.T) {
	s := start(t)
	s.upsert(t, "demo", &schemav1.UpsertMetricRequest{Metric: "up", Description: "one"})
	s.nats.Stop()
	_, err := s.client.UpsertMetric(s.writer(t, "demo"), &schemav1.UpsertMetricRequest{Metric: "up", Description: "two"})
	if f := fault.From(err); f == nil || f.Code != fault.CodeUnavailable || f.RetryAfter == 0 {
		t.Errorf("write without NATS: %v", err)
	}
	if m, err := s.client.GetMetric(s.writer(t, "demo"), &schemav1.GetMetricRequest{Metric: "up"}); err != nil || m.GetDescription() != "one" {
		t.Errorf("read without NATS: %v, %v", m, err)
	}
	s.nats.Resume()
	s.upsert(t, "demo", &schemav1.UpsertMetricRequest{Metric: "up", Description: "two"})
}

func TestConfig(t *testing.T) {
	var out bytes.Buffer
	p := program("NATS_PASSWORD=do-not-tell")
	p.Stdout = &out
	if err := p.Run(t.Context(), "--print-config"); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); !strings.Contains(text, "max_definitions: 200000") || strings.Contains(text, "do-not-tell") {
		t.Errorf("printed %s", text)
	}
	p = program("MIRADOR_SCHEMA_MAX_DEFINITIONS=0", "MIRADOR_NATS_TIMEOUT=-1s")
	if err := p.Run(t.Context(), "--check-config"); err == nil ||
		!strings.Contains(err.Error(), "max_definitions") || !strings.Contains(err.Error(), "timeout") {
		t.Errorf("bad configuration: %v", err)
	}
}
