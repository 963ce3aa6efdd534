package relay

import (
	"context"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/platformbuilds/mirador-core/libs/rpc"
)

// out is the answering side of a call.
type out = grpc.ServerStreamingServer[httpbody.HttpBody]

// service answers every call with one function over a real gRPC connection.
type service struct {
	answer func(out) error
	calls  atomic.Int32
	conn   *grpc.ClientConn
}

func serve(t testing.TB, answer func(out) error) *service {
	t.Helper()
	s := &service{answer: answer}
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer()
	server.RegisterService(&grpc.ServiceDesc{ServiceName: "test", HandlerType: (*any)(nil), Streams: []grpc.StreamDesc{{
		StreamName: "Body", ServerStreams: true, Handler: s.handle,
	}}}, s)
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:test", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	s.conn = conn
	t.Cleanup(func() { _ = conn.Close(); server.Stop(); <-done })
	return s
}

func (s *service) handle(_ any, stream grpc.ServerStream) error {
	s.calls.Add(1)
	return s.answer(&grpc.GenericServerStream[emptypb.Empty, httpbody.HttpBody]{ServerStream: stream})
}

// call is the Call of this service.
func (s *service) call(ctx context.Context) (grpc.ServerStreamingClient[httpbody.HttpBody], error) {
	stream, err := s.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, "/test/Body")
	if err != nil {
		return nil, err
	}
	x := &grpc.GenericClientStream[emptypb.Empty, httpbody.HttpBody]{ClientStream: stream}
	if err := stream.SendMsg(&emptypb.Empty{}); err != nil {
		return nil, err
	}
	return x, stream.CloseSend()
}

// body answers as the query service does: metadata in the middle, and what
// may be stored in the trailer.
type body struct {
	data   string
	length bool
	ttl    int
	cache  string
}

const (
	missMetadata = `{"cached":false}`
	hitMetadata  = `{"cached":true,"cacheHit":true}`
)

func (b body) text(metadata string) string {
	return `{"data":"` + b.data + `","metadata":` + metadata + `,"definitions":null}`
}

func (b body) send(to out) error {
	text := b.text(missMetadata)
	head := metadata.Pairs(rpc.KeyCache, b.cache, rpc.KeyEpoch, "7")
	if b.length {
		head.Set(rpc.KeyLength, strconv.Itoa(len(text)))
	}
	if err := to.SendHeader(head); err != nil {
		return err
	}
	at := strings.Index(text, missMetadata)
	to.SetTrailer(metadata.Pairs(rpc.KeyCacheTTL, strconv.Itoa(b.ttl),
		rpc.KeyMetadataAt, strconv.Itoa(at)+","+strconv.Itoa(at+len(missMetadata)), rpc.KeyHitMetadata, hitMetadata))
	return sendText(to, text)
}

// sendText sends in pieces of 64 KiB.
func sendText(to out, text string) error {
	for kind := "application/json"; text != ""; kind = "" {
		n := min(len(text), 64<<10)
		if err := to.Send(&httpbody.HttpBody{ContentType: kind, Data: []byte(text[:n])}); err != nil {
			return err
		}
		text = text[n:]
	}
	return nil
}
