package rpc

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

func (c *Client) load() []int32 {
	var load []int32
	for _, l := range c.conns {
		load = append(load, l.calls.Load())
	}
	return load
}

func allUp(t *testing.T, c *Client) {
	t.Helper()
	eventually(t, "every connection up", func() bool {
		return !slices.ContainsFunc(c.conns, func(l *lane) bool { return l.GetState() != connectivity.Ready })
	})
}

func TestCallsShareAConnectionUntilItIsCrowded(t *testing.T) {
	e := parrot()
	e.many = func(_ string, s grpc.ServerStream) error { <-s.Context().Done(); return nil }
	c, _ := pipe(t, e, nil, ClientOptions{Conns: 3})
	allUp(t, c)
	ctx, cancel := context.WithCancel(as(t, "reader"))
	for range 2*crowded + 1 {
		if _, err := openMany(ctx, c, "x"); err != nil {
			t.Fatal(err)
		}
	}
	if got := c.load(); !slices.Equal(got, []int32{crowded, crowded, 1}) {
		t.Errorf("calls by connection %v", got)
	}
	for range crowded + 4 {
		if _, err := openMany(ctx, c, "x"); err != nil {
			t.Fatal(err)
		}
	}
	if got := c.load(); slices.Max(got)-slices.Min(got) > 1 {
		t.Errorf("crowded connections differ: %v", got)
	}
	cancel()
	eventually(t, "left by all", func() bool { return slices.Max(c.load()) == 0 })
}

func TestConnectionsForgetCallsThatEnded(t *testing.T) {
	e := parrot()
	e.many = func(_ string, s grpc.ServerStream) error { return s.SendMsg(wrapperspb.String("x")) }
	c, _ := pipe(t, e, nil, ClientOptions{})
	if _, err := call(as(t, "reader"), c, "Say", "x"); err != nil {
		t.Error(err)
	}
	if _, err := call(context.Background(), c, "Say", "x"); err == nil {
		t.Error("a call without a deadline was sent")
	}
	if _, err := openMany(context.Background(), c, "x"); err == nil {
		t.Error("a stream without a deadline was opened")
	}
	s, err := openMany(as(t, "reader"), c, "x")
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		err = s.RecvMsg(&wrapperspb.StringValue{})
	}
	if !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	eventually(t, "left by all", func() bool { return slices.Max(c.load()) == 0 })
}

func TestCallsAvoidAConnectionThatIsDown(t *testing.T) {
	c, _ := pipe(t, parrot(), nil, ClientOptions{Conns: 2})
	allUp(t, c)
	if err := c.conns[0].Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := call(as(t, "reader"), c, "Say", "x"); err != nil {
		t.Error(err)
	}
	c.conns = c.conns[1:]
}
