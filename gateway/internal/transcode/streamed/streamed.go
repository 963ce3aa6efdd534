// Package streamed serves every RPC that streams bytes from what its proto
// declares alone: the request message is built by name, the answer passes as
// bytes. Rows whose parameters need more than that are served by package hot.
package streamed

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/platformbuilds/mirador-core/gateway/internal/relay"
	"github.com/platformbuilds/mirador-core/gateway/internal/route"
	"github.com/platformbuilds/mirador-core/gateway/internal/transcode/message"
	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/rpc"
)

// Epochs tells the newest definitions of a tenant that this gateway knows of.
type Epochs interface {
	Epoch(tenant string) uint64
}

// Fetcher brings an answer from memory or from a service; relay.Relay is one.
type Fetcher interface {
	Fetch(ctx context.Context, key relay.Key, call relay.Call) (*relay.Answer, error)
}

// Conns are the connections to the services by proto package
// ("mirador.logs.v1").
type Conns map[string]grpc.ClientConnInterface

// Source answers streamed rows.
type Source struct {
	conns  Conns
	relay  Fetcher
	epochs Epochs
}

// New returns a Source.
func New(conns Conns, r Fetcher, e Epochs) *Source { return &Source{conns, r, e} }

// Request is one call of a streamed row.
type Request struct {
	// Row that was matched.
	Row *route.Row
	// Source of the parameters, those of the path among them.
	message.Source
	// Accept header, for rows with several formats.
	Accept string
	// NoCache bypasses every result cache.
	NoCache bool
}

// Fetch answers a request, and says what of it was ignored. The context
// carries identity and deadline, and must stay valid until the answer is
// closed.
func (s *Source) Fetch(ctx context.Context, r Request) (*relay.Answer, []string, error) {
	id, err := identity.Require(ctx)
	if err != nil {
		return nil, nil, err //nolint:wrapcheck // a fault for the caller
	}
	in, warnings, err := build(r)
	if err != nil {
		return nil, nil, message.Named(r.Row, err)
	}
	text, err := proto.MarshalOptions{Deterministic: true}.Marshal(in)
	if err != nil {
		return nil, nil, fmt.Errorf("encode request: %w", err)
	}
	epoch := s.epochs.Epoch(id.Tenant)
	key := relay.Key{Tenant: id.Tenant, Account: id.TenantPath(), Scope: id.ScopeDigest(), Route: r.Row.RPC,
		Params: []relay.Param{{Name: "request", Value: string(text)}}, Epoch: epoch, Bypass: r.NoCache || r.Row.Long, Heed: true}
	answer, err := s.relay.Fetch(ctx, key, func(ctx context.Context) (grpc.ServerStreamingClient[httpbody.HttpBody], error) {
		return s.call(metadata.AppendToOutgoingContext(ctx, rpc.KeyEpoch, strconv.FormatUint(epoch, 10)), r.Row.RPC, in)
	})
	if err != nil {
		return nil, nil, fault.From(err)
	}
	return answer, warnings, nil
}

// build makes the request message.
func build(r Request) (proto.Message, []string, error) {
	if r.Row.Shape == route.Jaeger {
		return jaeger(r), nil, nil
	}
	in, unknown, err := message.Build(r.Row.RPC, r.Source)
	if err != nil {
		return nil, nil, err //nolint:wrapcheck // a fault for the caller
	}
	return in, message.Warnings(unknown), format(r, in)
}

// format sets the member "format" from the Accept header unless the client
// named one.
func format(r Request, in proto.Message) error {
	if len(r.Row.Formats) == 0 {
		return nil
	}
	m := in.ProtoReflect()
	field := m.Descriptor().Fields().ByName("format")
	if field == nil || m.Get(field).String() != "" {
		return nil
	}
	chosen, err := choose(r.Row, r.Accept)
	if err != nil {
		return err
	}
	m.Set(field, protoreflect.ValueOfString(chosen))
	return nil
}

// call opens the stream over the connection that its package names.
func (s *Source) call(ctx context.Context, method string, in proto.Message) (grpc.ServerStreamingClient[httpbody.HttpBody], error) {
	name := strings.TrimPrefix(method, "/")
	name = name[:strings.LastIndexByte(name[:strings.IndexByte(name, '/')], '.')]
	conn := s.conns[name]
	if conn == nil {
		return nil, fault.New(fault.CodeUnavailable, "Service not available").Wrap(fmt.Errorf("no connection for %s", name))
	}
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, method, grpc.StaticMethod())
	if err != nil {
		return nil, err //nolint:wrapcheck // a gRPC status
	}
	x := &grpc.GenericClientStream[proto.Message, httpbody.HttpBody]{ClientStream: stream}
	if err := x.SendMsg(in); err != nil {
		return nil, err //nolint:wrapcheck // a gRPC status
	}
	return x, x.CloseSend() //nolint:wrapcheck // a gRPC status
}
