package transcode

import (
	"context"
	"errors"
	"testing"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/platformbuilds/mirador-core/gateway/internal/route"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// conn counts calls and fails each with err.
type conn struct {
	grpc.ClientConnInterface
	calls int
	err   error
}

func (c *conn) Invoke(context.Context, string, any, any, ...grpc.CallOption) error {
	c.calls++
	return c.err
}

type epochs struct{}

func (epochs) Epoch(string) uint64  { return 0 }
func (epochs) Raise(string, uint64) {}

func transcoder(t *testing.T, c *conn) *Transcoder {
	t.Helper()
	x, err := New(t.Context(), Conns{Query: c, Logs: c, Traces: c, Schema: c}, epochs{})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func row(rpc string) *route.Row {
	return &route.Row{Method: "POST", Pattern: "/api/v1/schema/metrics", Effect: route.Write, BadRequest: "invalid payload", RPC: rpc}
}

// Should the two routers ever disagree, the RPC that was not authorised must
// not be called.
func TestOnlyTheRowsRPCIsCalled(t *testing.T) {
	c := &conn{}
	x := transcoder(t, c)
	if _, err := x.Call(t.Context(), Request{Row: row("/mirador.schema.v1.SchemaService/DeleteAll"), Body: []byte(`{}`)}); fault.From(err).Code != fault.CodeInternal {
		t.Errorf("error %v", err)
	}
	if c.calls != 0 {
		t.Error("another RPC was called")
	}
	if _, err := x.Call(t.Context(), Request{Row: row("/mirador.schema.v1.SchemaService/UpsertMetric"), Body: []byte(`{}`)}); err != nil || c.calls != 1 {
		t.Errorf("error %v, %d calls", err, c.calls)
	}
}

func TestRoutingFaults(t *testing.T) {
	x := transcoder(t, &conn{})
	missing, wrong := *row("/a.B/C"), *row("/a.B/C")
	missing.Pattern, wrong.Method = "/nosuch", "PATCH"
	for code, r := range map[fault.Code]*route.Row{fault.CodeRouteUnknown: &missing, fault.CodeMethodNotAllowed: &wrong} {
		if _, err := x.Call(t.Context(), Request{Row: r}); fault.From(err).Code != code {
			t.Errorf("%v, want %s", err, code)
		}
	}
}

func TestUnreadableBodies(t *testing.T) {
	x := transcoder(t, &conn{})
	for body, pointer := range map[string]string{
		`{"colour":1}`:              "/colour",
		`{"metric":1}`:              "",
		`{"labels":[{"colour":1}]}`: "/colour",
		`nonsense`:                  "",
	} {
		_, err := x.Call(t.Context(), Request{Row: row("/mirador.schema.v1.SchemaService/UpsertMetric"), Body: []byte(body)})
		f := fault.From(err)
		if f.Code != fault.CodeInvalidRequest || f.Message != "invalid payload" {
			t.Errorf("%s: %v", body, err)
		}
		if pointer != "" && (len(f.Fields) != 1 || f.Fields[0].Pointer != pointer) {
			t.Errorf("%s: fields %v", body, f.Fields)
		}
	}
}

// A service's own fault keeps its words; only grpc-gateway's are replaced.
func TestFaultsOfServices(t *testing.T) {
	theirs := fault.New(fault.CodeInvalidRequest, "metric is required").WithField("/metric", "is required")
	for name, err := range map[string]error{"fault": theirs, "status": theirs.GRPCStatus().Err()} {
		x := transcoder(t, &conn{err: err})
		_, got := x.Call(t.Context(), Request{Row: row("/mirador.schema.v1.SchemaService/UpsertMetric"), Body: []byte(`{}`)})
		if f := fault.From(got); f.Message != "metric is required" || len(f.Fields) != 1 {
			t.Errorf("%s: %v", name, got)
		}
	}
	x := transcoder(t, &conn{err: status.Error(codes.Unavailable, "10.0.0.1 refused")})
	_, got := x.Call(t.Context(), Request{Row: row("/mirador.schema.v1.SchemaService/UpsertMetric"), Body: []byte(`{}`)})
	if f := fault.From(got); f.Code != fault.CodeUnavailable || f.Message != "Service unavailable" {
		t.Errorf("unavailable: %v", got)
	}
	var f *fault.Error
	if !errors.As(got, &f) {
		t.Errorf("not a fault: %T", got)
	}
}

// grpc-gateway knows streams too; none of them may be opened by it.
func TestNoStreamPasses(t *testing.T) {
	p := pinned{&conn{}}
	if s, err := p.NewStream(t.Context(), nil, "/mirador.logs.v1.LogsService/Query"); s != nil || fault.From(err).Code != fault.CodeInternal {
		t.Errorf("%v, %v", s, err)
	}
}

func TestTemplate(t *testing.T) {
	if got := template("/a/{metric}/labels/{label}"); got != "/a/x/labels/x" {
		t.Errorf("template %q", got)
	}
}
