package edge_test

import (
	"bytes"
	"cmp"
	"context"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/gateway/internal/login"
	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	"github.com/platformbuilds/mirador-core/libs/service"
	queryv1 "github.com/platformbuilds/mirador-core/proto/gen/query/v1"
	schemav1 "github.com/platformbuilds/mirador-core/proto/gen/schema/v1"
)

type fakeLogin struct{}

// Authenticate knows a few credentials by name.
func (*fakeLogin) Authenticate(_ context.Context, credential string) (*login.Principal, error) {
	id := &identity.Identity{Tenant: "demo", Account: 1, User: credential}
	switch credential {
	case "":
		return nil, fault.New(fault.CodeAuthRequired, "Authentication required")
	case "viewer":
		id.Roles, id.Permissions = []string{"viewer"}, []string{"logs.query", "metrics.query", "schema.read", "status.read", "traces.query"}
	case "editor":
		id.Roles, id.Permissions = []string{"editor"}, []string{"logs.query", "logs.write", "metrics.query", "schema.read", "schema.write", "status.read", "traces.query"}
	case "roleless":
	default:
		return nil, fault.New(fault.CodeTokenInvalid, "Invalid authentication token")
	}
	return &login.Principal{Identity: id, Hop: "hop-of-" + credential, Kind: login.Token}, nil
}

func (*fakeLogin) Login(_ context.Context, a login.Attempt) (*login.Grant, error) {
	if a.User == "panic" {
		panic("secret of a panic")
	}
	if a.User != "viewer" || a.Password != "right" {
		return nil, fault.New(fault.CodeLoginFailed, "Invalid username or password")
	}
	return &login.Grant{Token: "viewer", SessionID: "s", User: login.Owner{UserID: "viewer", TenantID: "demo"}}, nil
}

func (*fakeLogin) Refresh(_ context.Context, session string) (*login.Grant, error) {
	if session != "viewer" {
		return nil, fault.New(fault.CodeTokenInvalid, "Invalid authentication token")
	}
	return &login.Grant{Token: "viewer", SessionID: "next"}, nil
}

func (*fakeLogin) Logout(context.Context, *login.Principal) error { return nil }

func (*fakeLogin) NoCookie() login.Cookie { return login.Cookie{Secure: true} }

type fakeHealth struct{ bad atomic.Bool }

func (h *fakeHealth) Readiness(context.Context) service.Readiness {
	r := service.Readiness{Ready: true, Status: service.Degraded, Service: "gateway", Parts: []service.Part{
		{Name: "query", Status: service.Healthy, Critical: true},
		{Name: "valkey", Status: service.Degraded, Error: "dial 10.1.2.3:6379: refused", LastError: "dial 10.1.2.3:6379: refused"}}}
	if h.bad.Load() {
		r.Ready, r.Status, r.Parts[0].Status, r.Parts[0].Error = false, service.Unhealthy, service.Unhealthy, "dial 10.1.2.3:9101: refused"
	}
	return r
}

type fakeEpochs struct{ epoch atomic.Uint64 }

func (e *fakeEpochs) Epoch(string) uint64 { return e.epoch.Load() }

func (e *fakeEpochs) Raise(_ string, epoch uint64) { e.epoch.Store(epoch) }

type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// fakeQuery answers what its function says, and remembers the last request.
type fakeQuery struct {
	queryv1.UnimplementedQueryServiceServer
	mu sync.Mutex
	// body streams an answer; text is one that is complete at once.
	body    func(send func(string) error) error
	text    string
	md      metadata.MD
	instant *queryv1.InstantRequest
	ranged  *queryv1.RangeRequest
	selects *queryv1.SelectRequest
	prom    *queryv1.PrometheusRequest
	label   string
	ttl     string
	calls   int
}

const plain = `{"status":"success","data":{"resultType":"vector","result":[]}}`

func (f *fakeQuery) answer(s grpc.ServerStreamingServer[httpbody.HttpBody], note func()) error {
	f.mu.Lock()
	note()
	f.calls++
	f.md, _ = metadata.FromIncomingContext(s.Context())
	body, ttl, text := f.body, f.ttl, cmp.Or(f.text, plain)
	f.mu.Unlock()
	if ttl != "" {
		s.SetTrailer(metadata.Pairs(rpc.KeyCacheTTL, ttl))
	}
	if body == nil {
		if err := s.SendHeader(metadata.Pairs(rpc.KeyLength, number(len(text)))); err != nil {
			return err
		}
		body = func(send func(string) error) error { return send(text) }
	}
	first := true
	return body(func(text string) error {
		m := &httpbody.HttpBody{Data: []byte(text)}
		if first {
			m.ContentType, first = "application/json", false
		}
		return s.Send(m)
	})
}

func (f *fakeQuery) says(body func(send func(string) error) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.body = body
}

func (f *fakeQuery) Instant(r *queryv1.InstantRequest, s grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	return f.answer(s, func() { f.instant = r })
}

func (f *fakeQuery) Range(r *queryv1.RangeRequest, s grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	return f.answer(s, func() { f.ranged = r })
}

func (f *fakeQuery) Series(r *queryv1.SelectRequest, s grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	return f.answer(s, func() { f.selects = r })
}

func (f *fakeQuery) LabelValues(r *queryv1.LabelValuesRequest, s grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	return f.answer(s, func() { f.label = r.GetLabel() })
}

func (f *fakeQuery) Prometheus(r *queryv1.PrometheusRequest, s grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	return f.answer(s, func() { f.prom = r })
}

func (f *fakeQuery) Format(_ context.Context, r *queryv1.TextRequest) (*queryv1.FormatResponse, error) {
	return &queryv1.FormatResponse{Status: "success", Data: r.GetQuery()}, nil
}

// fakeSchema keeps nothing; it answers with what it was asked.
type fakeSchema struct {
	schemav1.UnimplementedSchemaServiceServer
	mu  sync.Mutex
	md  metadata.MD
	got *schemav1.UpsertMetricRequest
	// file of the last upload, in one piece.
	file *schemav1.BulkChunk
}

func (f *fakeSchema) UpsertMetric(ctx context.Context, r *schemav1.UpsertMetricRequest) (*schemav1.UpsertResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.got = r
	f.md, _ = metadata.FromIncomingContext(ctx)
	return &schemav1.UpsertResponse{Status: "ok"}, grpc.SetHeader(ctx, metadata.Pairs(rpc.KeyEpoch, "42", rpc.KeyETag, "2-abc"))
}

func (f *fakeSchema) RestoreVersion(_ context.Context, r *schemav1.VersionRequest) (*schemav1.UpsertResponse, error) {
	return &schemav1.UpsertResponse{Status: strings.Join([]string{"restore", r.GetMetric(), r.GetLabel(), r.GetField(), r.GetService(), r.GetOperation(),
		strconv.FormatInt(r.GetVersion(), 10)}, "|")}, nil
}

func (f *fakeSchema) DeleteDefinition(_ context.Context, r *schemav1.DeleteDefinitionRequest) (*schemav1.UpsertResponse, error) {
	return &schemav1.UpsertResponse{Status: strings.Join([]string{"delete", r.GetMetric(), r.GetLabel(), r.GetField(), r.GetService(), r.GetOperation()}, "|")}, nil
}

func (f *fakeSchema) GetMetric(ctx context.Context, r *schemav1.GetMetricRequest) (*schemav1.Metric, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.md, _ = metadata.FromIncomingContext(ctx)
	if r.GetMetric() == "absent" {
		return nil, fault.New(fault.CodeNotFound, "not found")
	}
	if r.GetMetric() == "versioned" {
		if err := grpc.SetHeader(ctx, metadata.Pairs(rpc.KeyETag, "1-abc")); err != nil {
			return nil, err
		}
	}
	return &schemav1.Metric{TenantId: "demo", Metric: r.GetMetric()}, nil
}
