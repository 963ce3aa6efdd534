package rpc

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/experimental"
	_ "google.golang.org/grpc/health" // the client side of health checking
	"google.golang.org/grpc/keepalive"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/telemetry"
)

// ClientOptions say how a peer is called.
type ClientOptions struct {
	// TLS of this process; without it calls are plaintext.
	TLS TLS
	// Production refuses plaintext to a peer that is not on loopback.
	Production bool
	// Insecure allows plaintext in production, for a third-party engine.
	Insecure bool
	// Telemetry continues traces; nil means none.
	Telemetry *telemetry.Telemetry
	// Token mints the signed identity of a call whose context names none (see
	// WithIdentityToken). Without it the credential that the current call came
	// with is passed on.
	Token func(ctx context.Context) (string, error)
	// Conns is the number of connections per address; 0 means 4.
	Conns int
	// MaxMessage in bytes; 0 means 4 MiB.
	MaxMessage int
	// Dialer replaces TCP, for tests.
	Dialer Dialer
}

const defaultConns = 4

// Client calls one service. It is a grpc.ClientConnInterface for generated
// clients, over a few connections: a server takes 100 streams per connection,
// and one connection has a single writer.
type Client struct {
	endpoint string
	conns    []*lane
}

// Dial prepares a client of the service at endpoint: "host:port", where a name
// with several addresses is balanced, or a full gRPC target. It does not wait
// for the peer: while the peer is away calls fail at once with the fault
// service_unavailable, and they heal by themselves.
func Dial(endpoint string, o ClientOptions) (*Client, error) {
	opts, err := o.dialOptions(endpoint)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", endpoint, err)
	}
	target := endpoint
	if !strings.Contains(endpoint, "://") {
		target = "dns:///" + endpoint
	}
	c := &Client{endpoint: endpoint}
	for range positive(o.Conns, defaultConns) {
		conn, err := grpc.NewClient(target, opts...)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("dial %s: %w", endpoint, err), c.Close())
		}
		conn.Connect()
		c.conns = append(c.conns, &lane{ClientConn: conn})
	}
	return c, nil
}

// serviceConfig balances over all addresses and leaves out those whose health
// service says that they drain.
const serviceConfig = `{"loadBalancingConfig":[{"round_robin":{}}],"healthCheckConfig":{"serviceName":""}}`

func (o ClientOptions) dialOptions(endpoint string) ([]grpc.DialOption, error) {
	creds, err := o.credentials(endpoint)
	if err != nil {
		return nil, err
	}
	i := &outgoing{token: o.Token, telemetry: o.Telemetry}
	opts := []grpc.DialOption{
		experimental.WithBufferPool(buffers()),
		grpc.WithTransportCredentials(creds),
		grpc.WithDefaultServiceConfig(serviceConfig),
		grpc.WithDisableServiceConfig(),
		grpc.WithConnectParams(connectParams()),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 10 * time.Second, Timeout: 3 * time.Second, PermitWithoutStream: true}),
		grpc.WithInitialWindowSize(streamWindow), grpc.WithInitialConnWindowSize(connWindow),
		grpc.WithReadBufferSize(bufferSize), grpc.WithWriteBufferSize(bufferSize),
		grpc.WithMaxHeaderListSize(maxHeaderList),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(positive(o.MaxMessage, defaultMaxMessage))),
		// An idle client would hide from readiness whether its peer is there.
		grpc.WithIdleTimeout(0),
		grpc.WithUnaryInterceptor(i.unary), grpc.WithStreamInterceptor(i.stream),
	}
	if o.Dialer != nil {
		opts = append(opts, grpc.WithContextDialer(o.Dialer))
	}
	return append(opts, clientTracing(o.Telemetry)...), nil
}

func connectParams() grpc.ConnectParams {
	return grpc.ConnectParams{
		Backoff:           backoff.Config{BaseDelay: 200 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 3 * time.Second},
		MinConnectTimeout: 3 * time.Second,
	}
}

// Ready tells whether the peer can be called. It waits for a connection that
// is being made, within the context, and fails at once when the peer is away.
func (c *Client) Ready(ctx context.Context) error {
	for {
		state := c.state()
		switch state {
		case connectivity.Ready:
			return nil
		case connectivity.TransientFailure, connectivity.Shutdown:
			return fault.New(fault.CodeUnavailable, "Service unavailable")
		}
		if !c.conns[0].WaitForStateChange(ctx, state) {
			return fault.New(fault.CodeUnavailable, "Service unavailable").Wrap(ctx.Err())
		}
	}
}

// state is Ready when any connection is, else that of the first.
func (c *Client) state() connectivity.State {
	for _, conn := range c.conns {
		if conn.GetState() == connectivity.Ready {
			return connectivity.Ready
		}
	}
	return c.conns[0].GetState()
}

// Close ends the connections; calls under way fail.
func (c *Client) Close() error {
	var errs []error
	for _, conn := range c.conns {
		errs = append(errs, conn.Close())
	}
	return errors.Join(errs...)
}
