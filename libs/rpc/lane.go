package rpc

import (
	"context"
	"math"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"
)

// crowded is the number of calls from which a connection gets no more of them
// while another has fewer. Below it calls share a connection, because frames
// of calls that run side by side then leave in one write; it stays well below
// the 100 streams of a connection.
const crowded = 32

// lane is a connection and the number of calls on it.
type lane struct {
	*grpc.ClientConn
	calls atomic.Int32
}

// pick takes the first connection that is up and not crowded, else the one
// that is up and has the fewest calls, else the first.
func (c *Client) pick() *lane {
	best, fewest := c.conns[0], int32(math.MaxInt32)
	for _, l := range c.conns {
		n := l.calls.Load()
		if n >= fewest || l.GetState() != connectivity.Ready {
			continue
		}
		if best, fewest = l, n; fewest < crowded {
			break
		}
	}
	return best
}

// Invoke implements grpc.ClientConnInterface.
func (c *Client) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	l := c.pick()
	l.calls.Add(1)
	defer l.calls.Add(-1)
	return l.Invoke(ctx, method, args, reply, opts...)
}

// NewStream implements grpc.ClientConnInterface.
func (c *Client) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	l := c.pick()
	l.calls.Add(1)
	var ended atomic.Bool
	leave := func(error) {
		if ended.CompareAndSwap(false, true) {
			l.calls.Add(-1)
		}
	}
	s, err := l.NewStream(ctx, desc, method, append(opts[:len(opts):len(opts)], grpc.OnFinish(leave))...)
	if err != nil {
		leave(err)
	}
	return s, err
}
