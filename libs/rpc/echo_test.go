package rpc

import (
	"context"
	"os"
	"testing"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	optionsv1 "github.com/platformbuilds/mirador-core/proto/gen/options/v1"
)

func TestMain(m *testing.M) {
	registerEcho()
	goleak.VerifyTestMain(m)
}

// The echo service is written by hand: its declarations are what the guard
// reads from a proto.
const echoService = "rpctest.v1.Echo"

func registerEcho() {
	text := ".google.protobuf.StringValue"
	method := func(name string, stream bool, access *optionsv1.Access) *descriptorpb.MethodDescriptorProto {
		m := &descriptorpb.MethodDescriptorProto{Name: &name, InputType: &text, OutputType: &text, ServerStreaming: &stream}
		if access != nil {
			m.Options = &descriptorpb.MethodOptions{}
			proto.SetExtension(m.Options, optionsv1.E_Access, access)
		}
		return m
	}
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: proto.String("rpctest/v1/echo.proto"), Package: proto.String("rpctest.v1"), Syntax: proto.String("proto3"),
		Dependency: []string{"google/protobuf/wrappers.proto"},
		Service: []*descriptorpb.ServiceDescriptorProto{{Name: proto.String("Echo"), Method: []*descriptorpb.MethodDescriptorProto{
			method("Say", false, &optionsv1.Access{Permission: "echo.say"}),
			method("Many", true, &optionsv1.Access{Permission: "echo.say"}),
			method("Self", false, &optionsv1.Access{Permission: "self"}),
			method("Inner", false, &optionsv1.Access{Permission: "echo.say", Internal: true}),
			method("Undeclared", false, nil),
		}}},
	}, protoregistry.GlobalFiles)
	if err == nil {
		err = protoregistry.GlobalFiles.RegisterFile(file)
	}
	if err != nil {
		_, _ = os.Stderr.WriteString(err.Error())
		os.Exit(1)
	}
}

// echo answers every method with the two functions it is given.
type echo struct {
	say  func(ctx context.Context, text string) (string, error)
	many func(text string, s grpc.ServerStream) error
	// plain serves without interceptors.
	plain bool
}

func (e *echo) register(s *grpc.Server) {
	desc := grpc.ServiceDesc{ServiceName: echoService, HandlerType: (*any)(nil)}
	for _, name := range []string{"Say", "Self", "Inner", "Undeclared"} {
		desc.Methods = append(desc.Methods, grpc.MethodDesc{MethodName: name, Handler: e.unary("/" + echoService + "/" + name)})
	}
	desc.Streams = []grpc.StreamDesc{{StreamName: "Many", ServerStreams: true, Handler: e.stream}}
	s.RegisterService(&desc, e)
}

func (e *echo) unary(full string) grpc.MethodHandler {
	return func(_ any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor) (any, error) {
		in := &wrapperspb.StringValue{}
		if err := decode(in); err != nil {
			return nil, err
		}
		if e.plain {
			text, err := e.say(ctx, in.Value)
			return wrapperspb.String(text), err
		}
		return intercept(ctx, in, &grpc.UnaryServerInfo{Server: e, FullMethod: full}, func(ctx context.Context, _ any) (any, error) {
			text, err := e.say(ctx, in.Value)
			return wrapperspb.String(text), err
		})
	}
}

func (e *echo) stream(_ any, s grpc.ServerStream) error {
	in := &wrapperspb.StringValue{}
	if err := s.RecvMsg(in); err != nil {
		return err
	}
	return e.many(in.Value, s)
}

// call calls a unary method of the echo service.
func call(ctx context.Context, c grpc.ClientConnInterface, method, text string) (string, error) {
	out := &wrapperspb.StringValue{}
	err := c.Invoke(ctx, "/"+echoService+"/"+method, wrapperspb.String(text), out)
	return out.Value, err
}

// openMany opens the stream of the echo service and sends its request.
func openMany(ctx context.Context, c grpc.ClientConnInterface, text string) (grpc.ClientStream, error) {
	s, err := c.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, "/"+echoService+"/Many")
	if err != nil {
		return nil, err
	}
	if err := s.SendMsg(wrapperspb.String(text)); err != nil {
		return nil, err
	}
	return s, s.CloseSend()
}
