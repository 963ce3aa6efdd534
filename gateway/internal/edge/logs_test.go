package edge_test

import (
	"context"
	"sync"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
	tracesv1 "github.com/platformbuilds/mirador-core/proto/gen/traces/v1"
)

// speaker answers every stream alike and remembers the last request.
type speaker struct {
	mu      sync.Mutex
	header  metadata.MD
	trailer metadata.MD
	kind    string
	body    func(ctx context.Context, send func(string) error) error
	got     proto.Message
	calls   int
}

// says sets what the next answers are.
func (f *speaker) says(kind string, header, trailer metadata.MD, body func(context.Context, func(string) error) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kind, f.header, f.trailer, f.body = kind, header, trailer, body
}

// text is a body of a few pieces.
func text(pieces ...string) func(context.Context, func(string) error) error {
	return func(_ context.Context, send func(string) error) error {
		for _, p := range pieces {
			if err := send(p); err != nil {
				return err
			}
		}
		return nil
	}
}

func (f *speaker) last() proto.Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.got
}

func (f *speaker) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls
}

func (f *speaker) speak(r proto.Message, s grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	f.mu.Lock()
	f.got = r
	f.calls++
	kind, header, trailer, body := f.kind, f.header, f.trailer, f.body
	f.mu.Unlock()
	if err := s.SendHeader(header); err != nil {
		return err
	}
	err := body(s.Context(), func(text string) error {
		m := &httpbody.HttpBody{Data: []byte(text), ContentType: kind}
		kind = ""
		return s.Send(m)
	})
	if err == nil {
		s.SetTrailer(trailer)
	}
	return err
}

// fakeLogs is a logs service.
type fakeLogs struct {
	logsv1.UnimplementedLogsServiceServer
	speaker
	tails sync.WaitGroup
}

func (f *fakeLogs) Query(r *logsv1.QueryRequest, s grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	return f.speak(r, s)
}

func (f *fakeLogs) Search(r *logsv1.SearchRequest, s grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	return f.speak(r, s)
}

func (f *fakeLogs) Export(r *logsv1.ExportRequest, s grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	return f.speak(r, s)
}

func (f *fakeLogs) remember(r proto.Message) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.got = r
}

func (f *fakeLogs) Store(_ context.Context, r *logsv1.StoreRequest) (*logsv1.StoreResponse, error) {
	f.remember(r)
	return &logsv1.StoreResponse{Status: "success", Data: &logsv1.Stored{Stored: true, TenantId: "demo"}}, nil
}

func (f *fakeLogs) Facets(_ context.Context, r *logsv1.FacetsRequest) (*logsv1.FacetsResponse, error) {
	f.remember(r)
	return &logsv1.FacetsResponse{}, nil
}

// fakeTraces is a traces service.
type fakeTraces struct {
	tracesv1.UnimplementedTracesServiceServer
	speaker
}

func (f *fakeTraces) Services(r *tracesv1.ServicesRequest, s grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	return f.speak(r, s)
}

func (f *fakeTraces) Trace(r *tracesv1.TraceRequest, s grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	return f.speak(r, s)
}

func (f *fakeTraces) Jaeger(r *tracesv1.JaegerRequest, s grpc.ServerStreamingServer[httpbody.HttpBody]) error {
	return f.speak(r, s)
}

func (f *fakeTraces) ServiceMap(_ context.Context, r *tracesv1.ServiceMapRequest) (*tracesv1.ServiceMapResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.got = r
	return &tracesv1.ServiceMapResponse{Status: "success", Data: &tracesv1.ServiceMap{Source: "spans"}}, nil
}

// Tail sends one row and then nothing until the client leaves.
func (f *fakeLogs) Tail(r *logsv1.TailRequest, s grpc.ServerStreamingServer[logsv1.TailEvent]) error {
	f.remember(r)
	f.tails.Add(1)
	defer f.tails.Done()
	if err := s.Send(&logsv1.TailEvent{Rows: []*logsv1.TailRow{{Json: []byte(`{"_msg":"a"}`), Time: "2026-01-01T00:00:00Z"}}}); err != nil {
		return err
	}
	<-s.Context().Done()
	return s.Context().Err()
}
