package rpc

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/telemetry"
)

func TestAccess(t *testing.T) {
	tests := []struct {
		name, method string
		pairs        []string
		want         fault.Code
	}{
		{"reader", "Say", []string{KeyIdentity, "reader"}, ""},
		{"user token", "Say", []string{KeyAuthorization, "Bearer user"}, ""},
		{"scheme in lower case", "Say", []string{KeyAuthorization, "bearer user"}, ""},
		{"self needs no permission", "Self", []string{KeyIdentity, "anybody"}, ""},
		{"internal for a service", "Inner", []string{KeyIdentity, "reader"}, ""},
		{"internal for a user", "Inner", []string{KeyAuthorization, "Bearer user"}, fault.CodeAccessDenied},
		{"nobody", "Say", nil, fault.CodeAuthRequired},
		{"nobody on self", "Self", nil, fault.CodeAuthRequired},
		{"basic", "Say", []string{KeyAuthorization, "Basic user"}, fault.CodeAuthRequired},
		{"unknown token", "Say", []string{KeyIdentity, "forged"}, fault.CodeTokenInvalid},
		{"user token as signed identity", "Say", []string{KeyIdentity, "user"}, fault.CodeTokenInvalid},
		{"no tenant", "Say", []string{KeyIdentity, "none"}, fault.CodeAuthRequired},
		{"wrong permission", "Say", []string{KeyIdentity, "other"}, fault.CodeAccessDenied},
		{"undeclared method", "Undeclared", []string{KeyIdentity, "reader"}, fault.CodeAccessDenied},
		{"two identities", "Say", []string{KeyIdentity, "reader", KeyIdentity, "other"}, fault.CodeCredentialsMany},
		{"two kinds", "Say", []string{KeyIdentity, "reader", KeyAuthorization, "Bearer user"}, fault.CodeCredentialsMany},
	}
	c, _ := pipe(t, parrot(), nil, ClientOptions{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := call(metadata.AppendToOutgoingContext(soon(t), tt.pairs...), c, tt.method, "hello")
			if tt.want != "" {
				wantCode(t, err, tt.want)
			} else if err != nil || got != "hello" {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestStreamsAreGuardedToo(t *testing.T) {
	e := parrot()
	e.many = func(text string, s grpc.ServerStream) error {
		if id, err := identity.Require(s.Context()); err != nil || id.Tenant != "a" {
			t.Errorf("identity %v, %v", id, err)
		}
		return errors.Join(s.SendMsg(wrapperspb.String(text)), s.SendMsg(wrapperspb.String(text)))
	}
	c, _ := pipe(t, e, nil, ClientOptions{})
	for token, want := range map[string]fault.Code{"reader": "", "other": fault.CodeAccessDenied, "forged": fault.CodeTokenInvalid} {
		s, err := openMany(as(t, token), c, "x")
		if err != nil {
			t.Fatal(err)
		}
		n, err := drain(s)
		switch {
		case want != "":
			wantCode(t, err, want)
		case n != 2 || !errors.Is(err, io.EOF):
			t.Errorf("%d messages, %v", n, err)
		}
	}
}

func drain(s grpc.ClientStream) (n int, err error) {
	for ; ; n++ {
		if err = s.RecvMsg(&wrapperspb.StringValue{}); err != nil {
			return n, err
		}
	}
}

// bare is a gRPC client without any of our interceptors.
func bare(t *testing.T, addr string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func TestCallWithoutDeadlineIsRefused(t *testing.T) {
	lis := listen(t, "127.0.0.1:0")
	start(t, lis, parrot(), nil)
	ctx := metadata.AppendToOutgoingContext(context.Background(), KeyIdentity, "reader")
	_, err := call(ctx, bare(t, lis.Addr().String()), "Say", "x")
	if status.Code(err) != codes.InvalidArgument || fault.From(err).Code != fault.CodeInvalidRequest {
		t.Errorf("server: %v", err)
	}
	c := dial(t, lis.Addr().String(), ClientOptions{})
	_, err = call(WithIdentityToken(context.Background(), "reader"), c, "Say", "x")
	wantCode(t, err, fault.CodeInternal)
	if !errors.Is(err, errNoDeadline) {
		t.Errorf("client: %v", err)
	}
}

func TestHealthIsOpen(t *testing.T) {
	lis := listen(t, "127.0.0.1:0")
	start(t, lis, parrot(), nil)
	got, err := grpc_health_v1.NewHealthClient(bare(t, lis.Addr().String())).Check(context.Background(), &grpc_health_v1.HealthCheckRequest{})
	if err != nil || got.Status != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Errorf("%v, %v", got, err)
	}
}

func TestPanicBecomesInternalWithID(t *testing.T) {
	e := &echo{
		say:  func(context.Context, string) (string, error) { panic("secret of the house") },
		many: func(string, grpc.ServerStream) error { panic("secret of the house") },
	}
	c, r := pipe(t, e, nil, ClientOptions{})
	ctx := telemetry.WithRequestID(as(t, "reader"), "request-0001")
	_, unaryErr := call(ctx, c, "Say", "x")
	s, err := openMany(ctx, c, "x")
	if err != nil {
		t.Fatal(err)
	}
	_, streamErr := drain(s)
	_, admitErr := call(WithIdentityToken(ctx, "panic"), c, "Say", "x")
	for _, err := range []error{unaryErr, streamErr, admitErr} {
		wantCode(t, err, fault.CodeInternal)
		if text := err.Error(); !strings.Contains(text, "request-0001") || strings.Contains(text, "secret") {
			t.Errorf("the caller reads %q", text)
		}
	}
	if log := r.log.String(); !strings.Contains(log, "secret of the house") || !strings.Contains(log, `"request_id":"request-0001"`) || !strings.Contains(log, "guard_test.go") {
		t.Errorf("log: %s", log)
	}
}

func TestRequestIDAndTraceReachTheHandler(t *testing.T) {
	const trace = "0af7651916cd43dd8448eb211c80319c"
	var id, traceID string
	e := &echo{say: func(ctx context.Context, _ string) (string, error) {
		id, traceID = telemetry.RequestID(ctx), telemetry.TraceID(ctx)
		return "", nil
	}}
	c, _ := pipe(t, e, nil, ClientOptions{})
	ctx := telemetry.WithTraceparent(as(t, "reader"), "00-"+trace+"-b7ad6b7169203331-01")
	if _, err := call(telemetry.WithRequestID(ctx, "request-0001"), c, "Say", ""); err != nil || id != "request-0001" || traceID != trace {
		t.Errorf("id %q, trace %q, %v", id, traceID, err)
	}
	if _, err := call(telemetry.WithRequestID(ctx, "bad id\n"), c, "Say", ""); err == nil && !telemetry.ValidRequestID(id) {
		t.Errorf("a malformed id is kept: %q", id)
	}
}

func TestFaultsCrossTheHop(t *testing.T) {
	e := &echo{say: func(_ context.Context, text string) (string, error) {
		switch text {
		case "fault":
			return "", fault.New(fault.CodeQueryInvalid, "Invalid MetricsQL query: x").WithField("/query", "bad").Wrap(errors.New("private"))
		case "status":
			return "", status.Error(codes.NotFound, "nothing")
		}
		return "", errors.New("private")
	}}
	c, r := pipe(t, e, nil, ClientOptions{})
	_, err := call(as(t, "reader"), c, "Say", "fault")
	wantCode(t, err, fault.CodeQueryInvalid)
	if f := fault.From(err); f.Message != "Invalid MetricsQL query: x" || len(f.Fields) != 1 || strings.Contains(f.Error(), "private") {
		t.Errorf("got %+v", f)
	}
	_, err = call(as(t, "reader"), c, "Say", "status")
	wantCode(t, err, fault.CodeNotFound)
	_, err = call(as(t, "reader"), c, "Say", "other")
	wantCode(t, err, fault.CodeInternal)
	if strings.Contains(err.Error(), "private") {
		t.Errorf("the cause leaks: %v", err)
	}
	log := r.log.String()
	if !strings.Contains(log, "private") || !strings.Contains(log, `"level":"error"`) || !strings.Contains(log, `"level":"info"`) || !strings.Contains(log, `"tenant_id":"a"`) {
		t.Errorf("log: %s", log)
	}
	if got := counted(t, r.telemetry, "Say", "InvalidArgument"); got != 1 {
		t.Errorf("counted %v", got)
	}
}

// counted reads mirador_core_grpc_requests_total.
func counted(t *testing.T, tel *telemetry.Telemetry, method, status string) float64 {
	t.Helper()
	families, err := tel.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.Metric {
			if f.GetName() == "mirador_core_grpc_requests_total" && label(m, "method") == method &&
				label(m, "status") == status && label(m, "service") == echoService {
				return m.GetCounter().GetValue()
			}
		}
	}
	return 0
}

func label(m *dto.Metric, name string) string {
	for _, l := range m.Label {
		if l.GetName() == name {
			return l.GetValue()
		}
	}
	return ""
}

func TestCalleeGetsAnEarlierDeadline(t *testing.T) {
	var left time.Time
	e := &echo{say: func(ctx context.Context, _ string) (string, error) {
		left, _ = ctx.Deadline()
		return "", nil
	}}
	c, _ := pipe(t, e, nil, ClientOptions{})
	ctx := as(t, "reader")
	mine, _ := ctx.Deadline()
	if _, err := call(ctx, c, "Say", ""); err != nil || !left.Before(mine) {
		t.Errorf("callee %v, caller %v, %v", left, mine, err)
	}
}

func TestShave(t *testing.T) {
	now := time.Unix(1000, 0)
	for left, want := range map[time.Duration]time.Duration{
		time.Second: 995 * time.Millisecond, 10 * time.Millisecond: 9 * time.Millisecond, 0: 0, -time.Second: -time.Second,
	} {
		if got := shave(now.Add(left), now).Sub(now); got != want {
			t.Errorf("%v left: got %v, want %v", left, got, want)
		}
	}
}

func TestExpiredDeadlineIsATimeout(t *testing.T) {
	e := &echo{say: func(ctx context.Context, _ string) (string, error) {
		<-ctx.Done()
		return "", ctx.Err()
	}}
	c, _ := pipe(t, e, nil, ClientOptions{})
	ctx, cancel := context.WithTimeout(as(t, "reader"), 100*time.Millisecond)
	defer cancel()
	_, err := call(ctx, c, "Say", "")
	wantCode(t, err, fault.CodeTimeout)
}

func TestCredentialIsPassedOn(t *testing.T) {
	var seen string
	inner, _ := pipe(t, &echo{say: func(ctx context.Context, _ string) (string, error) {
		id, err := identity.Require(ctx)
		seen = id.User
		return "", err
	}}, nil, ClientOptions{})
	outer, _ := pipe(t, &echo{say: func(ctx context.Context, text string) (string, error) {
		return call(ctx, inner, "Say", text)
	}}, nil, ClientOptions{})
	for pair, want := range map[[2]string]string{{KeyIdentity, "reader"}: "r", {KeyAuthorization, "Bearer user"}: "u"} {
		if _, err := call(metadata.AppendToOutgoingContext(soon(t), pair[0], pair[1]), outer, "Say", ""); err != nil || seen != want {
			t.Errorf("%v: seen %q, %v", pair, seen, err)
		}
	}
}

func TestTokenIsMinted(t *testing.T) {
	mint := func(ctx context.Context) (string, error) {
		if id, ok := identity.From(ctx); ok {
			return id.User, nil
		}
		return "", fault.New(fault.CodeAuthRequired, "Authentication required")
	}
	c, _ := pipe(t, parrot(), nil, ClientOptions{Token: mint})
	if _, err := call(identity.Into(soon(t), &identity.Identity{User: "reader"}), c, "Say", "x"); err != nil {
		t.Error(err)
	}
	_, err := call(soon(t), c, "Say", "x")
	wantCode(t, err, fault.CodeAuthRequired)
}
