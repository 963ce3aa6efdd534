// Package events is Mirador's way to NATS: one envelope for every event,
// subjects that carry the tenant encoded, and key-value buckets watched into
// memory so that request code reads them without a network call. It decides
// nothing about what an event means.
package events

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// reconnectWait is short because a watch older than 30 s costs its readers
// their remembered tokens.
const reconnectWait = 250 * time.Millisecond

// Conn is one process's connection to NATS. It keeps trying for ever, so a
// process starts and heals without NATS. Close ends it.
type Conn struct {
	cfg     Config
	nats    *nats.Conn
	js      jetstream.JetStream
	log     *slog.Logger
	metrics *metrics
	closed  chan struct{}
	once    sync.Once
}

// Connect starts the connection and returns at once, also when no server
// answers yet. The name shows up in the server's connection list. reg may be
// nil.
func Connect(cfg Config, name string, log *slog.Logger, reg prometheus.Registerer) (*Conn, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("events: %w", err)
	}
	c := &Conn{cfg: cfg, log: log, metrics: newMetrics(reg), closed: make(chan struct{})}
	nc, err := nats.Connect(strings.Join(cfg.URLs, ","), c.options(name)...)
	if err != nil {
		return nil, fmt.Errorf("connect to nats: %w", err)
	}
	c.nats = nc
	if c.js, err = jetstream.New(nc, jetstream.WithDefaultTimeout(cfg.Timeout)); err != nil {
		nc.Close()
		return nil, fmt.Errorf("open jetstream: %w", err)
	}
	return c, nil
}

func (c *Conn) options(name string) []nats.Option {
	opts := []nats.Option{
		nats.Name(name),
		nats.MaxReconnects(-1),
		nats.RetryOnFailedConnect(true),
		nats.ReconnectWait(reconnectWait),
		nats.ReconnectJitter(reconnectWait/2, reconnectWait),
		nats.Timeout(c.cfg.Timeout),
		nats.PingInterval(5 * time.Second),
		// A publish while away must fail at once: whoever waits for it has a
		// deadline, and a buffered write would be sent after its caller gave up.
		nats.ReconnectBufSize(-1),
		nats.DisconnectErrHandler(c.onDisconnect),
		nats.ReconnectHandler(c.onReconnect),
		nats.ErrorHandler(c.onError),
		nats.ClosedHandler(func(*nats.Conn) { close(c.closed) }),
	}
	if c.cfg.Username != "" {
		opts = append(opts, nats.UserInfo(c.cfg.Username, c.cfg.Password))
	}
	if c.cfg.Credentials != "" {
		opts = append(opts, nats.UserCredentials(c.cfg.Credentials))
	}
	return opts
}

func (c *Conn) onDisconnect(_ *nats.Conn, err error) {
	if err != nil {
		c.log.Warn("nats connection lost", "error", err)
	}
}

func (c *Conn) onReconnect(nc *nats.Conn) {
	c.metrics.reconnects.Inc()
	c.log.Info("nats connection is back", "server", nc.ConnectedServerName())
}

func (c *Conn) onError(_ *nats.Conn, sub *nats.Subscription, err error) {
	subject := ""
	if sub != nil {
		subject = sub.Subject
	}
	if errors.Is(err, nats.ErrSlowConsumer) {
		c.metrics.dropped.WithLabelValues(dropSlow).Inc()
	}
	c.log.Warn("nats reports a fault", "subject", subject, "error", err)
}

// JetStream gives the underlying client to adapters that keep streams of
// their own.
func (c *Conn) JetStream() jetstream.JetStream { return c.js }

// Replicas is how many copies new streams and buckets get.
func (c *Conn) Replicas() int { return c.cfg.Replicas }

// Check tells whether NATS is connected and JetStream answers; it is a
// readiness check.
func (c *Conn) Check(ctx context.Context) error {
	if !c.nats.IsConnected() {
		return fmt.Errorf("nats is %s", strings.ToLower(c.nats.Status().String()))
	}
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	if _, err := c.js.AccountInfo(ctx); err != nil {
		return fmt.Errorf("ask jetstream: %w", err)
	}
	return nil
}

// Close lets subscriptions finish what they hold, flushes and disconnects. It
// waits until ctx ends and then cuts the connection.
func (c *Conn) Close(ctx context.Context) error {
	var err error
	c.once.Do(func() { err = c.drain(ctx) })
	return err
}

func (c *Conn) drain(ctx context.Context) error {
	if !c.nats.IsConnected() {
		c.nats.Close()
		<-c.closed
		return nil
	}
	if err := c.nats.Drain(); err != nil {
		c.nats.Close()
	}
	select {
	case <-c.closed:
		return nil
	case <-ctx.Done():
		c.nats.Close()
		return fmt.Errorf("drain nats: %w", ctx.Err())
	}
}

// deadline makes sure that no call to NATS waits for ever.
func (c *Conn) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, c.cfg.Timeout)
}

// Unavailable turns an error of NATS into the fault that callers see: 503
// with a hint when to come back, or 504 when their own deadline passed. A
// fault stays what it is; nil stays nil.
func Unavailable(op string, err error) error {
	if err == nil {
		return nil
	}
	var f *fault.Error
	if errors.As(err, &f) || errors.Is(err, context.Canceled) {
		return err
	}
	return fault.New(fault.CodeUnavailable, "Event store unavailable").
		WithRetryAfter(time.Second).Wrap(fmt.Errorf("%s: %w", op, err))
}
