package events

import (
	"fmt"

	"github.com/nats-io/nats.go"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/platformbuilds/mirador-core/proto/gen/event/v1"
)

// Subscription is a running subscription.
type Subscription struct{ sub *nats.Subscription }

// Close ends the subscription after the messages that already arrived.
func (s *Subscription) Close() error {
	if err := s.sub.Drain(); err != nil {
		return fmt.Errorf("drain subscription: %w", err)
	}
	return nil
}

// Dropped is how many messages were thrown away because handle was too slow.
func (s *Subscription) Dropped() (int, error) { return s.sub.Dropped() }

// Subscribe calls handle for each event that passes the filter, one at a time
// and in order, until the subscription or the connection is closed. What a slow
// handler leaves waiting is bounded by the configuration; the rest is dropped
// and counted. An envelope that cannot be read, or whose tenant, kind or key
// differs from its subject, is dropped and counted.
func (c *Conn) Subscribe(f Filter, handle func(*eventv1.Envelope)) (*Subscription, error) {
	subject, err := f.Encode()
	if err != nil {
		return nil, err
	}
	sub, err := c.nats.Subscribe(subject, func(m *nats.Msg) {
		if e := c.open(m); e != nil {
			handle(e)
		}
	})
	if err != nil {
		return nil, Unavailable("subscribe", err)
	}
	if err := sub.SetPendingLimits(c.cfg.PendingMessages, c.cfg.PendingBytes); err != nil {
		return nil, fmt.Errorf("bound subscription: %w", err)
	}
	// So that the caller misses nothing that is sent from now on; without a
	// connection the subscription begins when there is one.
	if c.nats.IsConnected() {
		_ = c.nats.FlushTimeout(c.cfg.Timeout)
	}
	return &Subscription{sub: sub}, nil
}

func (c *Conn) open(m *nats.Msg) *eventv1.Envelope {
	e, reason := Open(m.Subject, m.Data)
	if reason != "" {
		c.metrics.dropped.WithLabelValues(reason).Inc()
		c.log.Warn("event dropped", "reason", reason, "subject", m.Subject)
		return nil
	}
	c.metrics.received.WithLabelValues(e.GetKind()).Inc()
	return e
}

// Open reads an envelope that arrived on a subject. The reason is empty, or
// says why the message must be dropped: "malformed" or "tenant_mismatch".
func Open(subject string, data []byte) (e *eventv1.Envelope, reason string) {
	s, err := DecodeSubject(subject)
	if err != nil {
		return nil, dropMalformed
	}
	e = &eventv1.Envelope{}
	if err := proto.Unmarshal(data, e); err != nil {
		return nil, dropMalformed
	}
	if e.GetTenant() != s.Tenant {
		return nil, dropTenant
	}
	if e.GetKind() != string(s.Kind) || e.GetKey() != s.Key || e.GetId() == "" {
		return nil, dropMalformed
	}
	return e, ""
}
