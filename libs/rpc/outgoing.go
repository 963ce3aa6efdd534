package rpc

import (
	"context"
	"errors"
	"io"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/telemetry"
)

// outgoing is what a client does to each call: deadline, credential, request
// id and trace go with it, and its fault comes back as one.
type outgoing struct {
	token     func(ctx context.Context) (string, error)
	telemetry *telemetry.Telemetry
}

func (o *outgoing) unary(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn,
	invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	ctx, err := o.prepare(ctx)
	if err != nil {
		return err
	}
	return restore(invoke(ctx, method, req, reply, cc, opts...))
}

func (o *outgoing) stream(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string,
	open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	ctx, err := o.prepare(ctx)
	if err != nil {
		return nil, err
	}
	s, err := open(ctx, desc, cc, method, opts...)
	if err != nil {
		return nil, restore(err)
	}
	return &clientStream{s}, nil
}

// restore keeps io.EOF and nil, which are no faults.
func restore(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return fault.From(err)
}

func (o *outgoing) prepare(ctx context.Context) (context.Context, error) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return nil, fault.New(fault.CodeInternal, "Internal error").Wrap(errNoDeadline)
	}
	cred, err := o.credential(ctx)
	if err != nil {
		return nil, err
	}
	pairs := make([]string, 0, 6)
	if cred.value != "" {
		pairs = append(pairs, cred.key, cred.value)
	}
	if id := telemetry.RequestID(ctx); id != "" {
		pairs = append(pairs, KeyRequestID, id)
	}
	pairs = appendTrace(ctx, pairs, o.telemetry)
	return metadata.AppendToOutgoingContext(early{ctx, shave(deadline, time.Now())}, pairs...), nil
}

// credential prefers what the caller put into the context, then the minted
// token, then what the current call came with.
func (o *outgoing) credential(ctx context.Context) (credential, error) {
	cred, _ := ctx.Value(credentialKey{}).(credential)
	if cred.explicit || o.token == nil {
		return cred, nil
	}
	token, err := o.token(ctx)
	if err != nil {
		return credential{}, fault.From(err)
	}
	return credential{key: KeyIdentity, value: token}, nil
}

// margin is what a callee gets less than its caller has, to still say why it
// was slow.
const margin = 5 * time.Millisecond

func shave(deadline, now time.Time) time.Time {
	return deadline.Add(-min(margin, max(0, deadline.Sub(now)/10)))
}

// early announces an earlier deadline to the callee without a timer of its
// own; the caller itself still waits until the real one.
type early struct {
	context.Context
	deadline time.Time
}

// Deadline implements context.Context.
func (e early) Deadline() (time.Time, bool) { return e.deadline, true }

// clientStream restores the faults of a stream.
type clientStream struct{ grpc.ClientStream }

// RecvMsg implements grpc.ClientStream.
func (s *clientStream) RecvMsg(m any) error { return restore(s.ClientStream.RecvMsg(m)) }

// SendMsg implements grpc.ClientStream.
func (s *clientStream) SendMsg(m any) error { return restore(s.ClientStream.SendMsg(m)) }

// CloseSend implements grpc.ClientStream.
func (s *clientStream) CloseSend() error { return restore(s.ClientStream.CloseSend()) }

// Header implements grpc.ClientStream.
func (s *clientStream) Header() (metadata.MD, error) {
	md, err := s.ClientStream.Header()
	return md, restore(err)
}
