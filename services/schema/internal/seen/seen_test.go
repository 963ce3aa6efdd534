package seen

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
	queryv1 "github.com/platformbuilds/mirador-core/proto/gen/query/v1"
	tracesv1 "github.com/platformbuilds/mirador-core/proto/gen/traces/v1"
	"github.com/platformbuilds/mirador-core/services/schema/internal/drift"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// peers answer everything with one body and keep what they were asked.
type peers struct {
	body   string
	header metadata.MD
	err    error
	asked  string
}

func (p *peers) send(asked string, to grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	p.asked = asked
	if p.err != nil {
		return p.err
	}
	if err := to.SetHeader(p.header); err != nil {
		return err
	}
	for chunk := range slices.Chunk([]byte(p.body), 1<<20) {
		if err := to.Send(&httpbody.HttpBody{Data: chunk}); err != nil {
			return err
		}
	}
	return nil
}

type queryPeer struct {
	queryv1.UnimplementedQueryServiceServer
	*peers
}

type logsPeer struct {
	logsv1.UnimplementedLogsServiceServer
	*peers
}

type tracesPeer struct {
	tracesv1.UnimplementedTracesServiceServer
	*peers
}

func chosen(r *queryv1.SelectRequest) string {
	return fmt.Sprint(r.GetMatch(), " ", r.GetStart(), " ", r.GetEnd(), " ", r.GetLimit())
}

func (p *queryPeer) MetricNames(r *queryv1.SelectRequest, to grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	return p.send("names "+chosen(r), to)
}

func (p *queryPeer) Labels(r *queryv1.SelectRequest, to grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	return p.send("labels "+chosen(r), to)
}

func (p *queryPeer) LabelValues(r *queryv1.LabelValuesRequest, to grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	return p.send("values "+r.GetLabel()+" "+chosen(r.GetSelect()), to)
}

func (p *tracesPeer) Services(_ *tracesv1.ServicesRequest, to grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	return p.send("services", to)
}

func (p *tracesPeer) Operations(r *tracesv1.OperationsRequest, to grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	return p.send("operations "+r.GetService(), to)
}

func (p *logsPeer) Fields(ctx context.Context, r *logsv1.SelectRequest) (*logsv1.FieldsResponse, error) {
	p.asked = fmt.Sprint("fields ", r.GetStart(), " ", r.GetEnd(), " ", r.GetLimit())
	if p.err != nil {
		return nil, p.err
	}
	return &logsv1.FieldsResponse{Data: &logsv1.Fields{Fields: strings.Fields(p.body)}}, grpc.SetHeader(ctx, p.header)
}

func connect(t *testing.T, p *peers) *Client {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer()
	queryv1.RegisterQueryServiceServer(s, &queryPeer{peers: p})
	logsv1.RegisterLogsServiceServer(s, &logsPeer{peers: p})
	tracesv1.RegisterTracesServiceServer(s, &tracesPeer{peers: p})
	go func() { _ = s.Serve(l) }()
	t.Cleanup(s.Stop)
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return New(conn, conn, conn)
}

var window = drift.Window{Start: time.Unix(1000, 0), End: time.Unix(2000, 0)}

const (
	windowText = "1970-01-01T00:16:40Z 1970-01-01T00:33:20Z 10000"
	data       = `{"status":"success","data":["a","__name__","b"]}`
)

// calls by what they ask.
func calls(t *testing.T, c *Client) map[string]func() (drift.Names, error) {
	return map[string]func() (drift.Names, error){
		"names [] " + windowText:                      func() (drift.Names, error) { return c.Metrics(t.Context(), window) },
		`labels [{__name__="a\"b\\é"}] ` + windowText: func() (drift.Names, error) { return c.Labels(t.Context(), window, `a"b\é`) },
		`values job [{__name__="up"}] ` + windowText:  func() (drift.Names, error) { return c.Values(t.Context(), window, "up", "job") },
		"fields " + windowText:                        func() (drift.Names, error) { return c.LogFields(t.Context(), window) },
		"services":                                    func() (drift.Names, error) { return c.Services(t.Context()) },
		"operations cart":                             func() (drift.Names, error) { return c.Operations(t.Context(), "cart") },
	}
}

func TestListsAreRead(t *testing.T) {
	p := &peers{}
	c := connect(t, p)
	for asked, call := range calls(t, c) {
		p.body = data
		want := "a __name__ b"
		switch kind, _, _ := strings.Cut(asked, " "); kind {
		case "names":
			p.body = `{"status":"success","data":{"names":["a","__name__","b"],"total":3}}`
		case "labels":
			want = "a b"
		case "fields":
			p.body = want
		}
		got, err := call()
		if err != nil || strings.Join(got.List, " ") != want || got.More || p.asked != asked {
			t.Errorf("asked %q, want %q: %+v, %v", p.asked, asked, got, err)
		}
	}
}

func TestPeersThatCannotAnswer(t *testing.T) {
	p := &peers{err: fault.New(fault.CodeUnavailable, "Service unavailable")}
	c := connect(t, p)
	for asked, call := range calls(t, c) {
		if got, err := call(); err == nil {
			t.Errorf("%s: %+v", asked, got)
		}
	}
	p.err, p.header, p.body = nil, metadata.Pairs(rpc.KeyDegraded, "victoria"), `{"data":[]}`
	for asked, call := range calls(t, c) {
		if got, err := call(); fault.From(err) == nil || fault.From(err).Code != fault.CodeBackendDown {
			t.Errorf("%s of a degraded service: %+v, %v", asked, got, err)
		}
	}
	p.header = nil
	for body, want := range map[string]fault.Code{
		`{"data":[],"metadata":{"degraded":true}}`: fault.CodeBackendDown,
		`no json`: fault.CodeInternal,
		`{"data":["` + strings.Repeat("x", maxBody) + `"]}`: fault.CodeAnswerTooLarge,
	} {
		p.body = body
		if got, err := c.Services(t.Context()); fault.From(err) == nil || fault.From(err).Code != want {
			t.Errorf("%.40s: %d names, %v; want %s", body, len(got.List), err, want)
		}
	}
}

func TestCutListsSaySo(t *testing.T) {
	p := &peers{body: `{"data":["a"],"warnings":["cut"]}`}
	c := connect(t, p)
	if got, err := c.Services(t.Context()); err != nil || !got.More || len(got.List) != 1 {
		t.Errorf("with a warning: %+v, %v", got, err)
	}
	p.body = `{"data":["a"` + strings.Repeat(`,"b"`, maxNames) + `]}`
	if got, err := c.Services(t.Context()); err != nil || !got.More || len(got.List) != maxNames {
		t.Errorf("a long list: %d, %t, %v", len(got.List), got.More, err)
	}
}
