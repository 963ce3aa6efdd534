package events

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/platformbuilds/mirador-core/proto/gen/event/v1"
)

// Publish sends an event that may be lost: whoever listens now gets it, once
// at most. The subject is built from the envelope.
func (c *Conn) Publish(ctx context.Context, e *eventv1.Envelope) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	msg, err := message(e)
	if err == nil {
		err = c.nats.PublishMsg(msg)
	}
	c.count(e, err)
	return Unavailable("publish event", err)
}

// Store sends an event that must not be lost: it returns once the stream that
// covers the subject has it, and gives its sequence there. The envelope's id
// is the message id, so sending the same event again within the stream's
// window changes nothing.
func (c *Conn) Store(ctx context.Context, e *eventv1.Envelope) (sequence uint64, err error) {
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	msg, err := message(e)
	if err != nil {
		c.count(e, err)
		return 0, err
	}
	ack, err := c.js.PublishMsg(ctx, msg, jetstream.WithMsgID(e.GetId()))
	c.count(e, err)
	if err != nil {
		return 0, Unavailable("store event", err)
	}
	return ack.Sequence, nil
}

func message(e *eventv1.Envelope) (*nats.Msg, error) {
	if e.GetId() == "" {
		return nil, fmt.Errorf("encode event: no id")
	}
	subject, err := Subject{Tenant: e.GetTenant(), Kind: Kind(e.GetKind()), Key: e.GetKey()}.Encode()
	if err != nil {
		return nil, err
	}
	body, err := proto.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encode event: %w", err)
	}
	return &nats.Msg{Subject: subject, Data: body}, nil
}

func (c *Conn) count(e *eventv1.Envelope, err error) {
	kind, result := e.GetKind(), "ok"
	if !Kind(kind).Known() {
		kind = "unknown"
	}
	if err != nil {
		result = "error"
	}
	c.metrics.published.WithLabelValues(kind, result).Inc()
}
