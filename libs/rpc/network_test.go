package rpc

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// eventually repeats what until it is true.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never %s", what)
		}
	}
}

func TestPeerAwayFailsAtOnceAndHeals(t *testing.T) {
	lis := listen(t, "127.0.0.1:0")
	addr := lis.Addr().String()
	first := start(t, lis, parrot(), nil)
	c := dial(t, addr, ClientOptions{})
	if _, err := call(as(t, "reader"), c, "Say", "x"); err != nil {
		t.Fatal(err)
	}
	first.server.Stop()
	// Calls must fail by themselves, long before their deadline of 20 s.
	for range 50 {
		ctx := as(t, "reader")
		_, err := call(ctx, c, "Say", "x")
		wantCode(t, err, fault.CodeUnavailable)
		if ctx.Err() != nil {
			t.Fatal("the call waited for its deadline")
		}
	}
	if err := c.Ready(soon(t)); err == nil {
		t.Error("ready without a peer")
	}
	start(t, listen(t, addr), parrot(), nil)
	eventually(t, "healed", func() bool {
		_, err := call(as(t, "reader"), c, "Say", "x")
		return err == nil
	})
	if err := c.Ready(soon(t)); err != nil {
		t.Error(err)
	}
}

func TestStreamBreaksWithItsServer(t *testing.T) {
	e := parrot()
	e.many = func(_ string, s grpc.ServerStream) error {
		if err := s.SendMsg(wrapperspb.String("first")); err != nil {
			return err
		}
		<-s.Context().Done()
		return nil
	}
	lis := listen(t, "127.0.0.1:0")
	r := start(t, lis, e, nil)
	s, err := openMany(as(t, "reader"), dial(t, lis.Addr().String(), ClientOptions{}), "x")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.RecvMsg(&wrapperspb.StringValue{}); err != nil {
		t.Fatal(err)
	}
	go r.server.Stop()
	_, err = drain(s)
	wantCode(t, err, fault.CodeUnavailable)
}

func TestNeverThereFailsAtOnce(t *testing.T) {
	lis := listen(t, "127.0.0.1:0")
	addr := lis.Addr().String()
	_ = lis.Close()
	ctx := as(t, "reader")
	_, err := call(ctx, dial(t, addr, ClientOptions{}), "Say", "x")
	wantCode(t, err, fault.CodeUnavailable)
	if ctx.Err() != nil {
		t.Error("the call waited for its deadline")
	}
}

func TestDrainingServerIsLeftOut(t *testing.T) {
	c, r := pipe(t, parrot(), nil, ClientOptions{})
	if err := c.Ready(soon(t)); err != nil {
		t.Fatal(err)
	}
	r.health.Shutdown()
	eventually(t, "left out", func() bool { return c.Ready(soon(t)) != nil })
	_, err := call(as(t, "reader"), c, "Say", "x")
	wantCode(t, err, fault.CodeUnavailable)
	r.health.Resume()
	eventually(t, "back", func() bool { return c.Ready(soon(t)) == nil })
}

func TestCallsUseAllConnections(t *testing.T) {
	lis := &counting{Listener: listen(t, "127.0.0.1:0")}
	start(t, lis, parrot(), nil)
	c := dial(t, lis.Addr().String(), ClientOptions{Conns: 3})
	for range 6 {
		if _, err := call(as(t, "reader"), c, "Say", "x"); err != nil {
			t.Fatal(err)
		}
	}
	if got := lis.accepted.Load(); got != 3 {
		t.Errorf("%d connections", got)
	}
}

type counting struct {
	net.Listener
	accepted atomic.Int32
}

func (l *counting) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		l.accepted.Add(1)
	}
	return conn, err
}

func TestMessageLimits(t *testing.T) {
	big := strings.Repeat("x", 2000)
	e := &echo{say: func(context.Context, string) (string, error) { return big, nil }}
	c, _ := pipe(t, e, func(o *ServerOptions) { o.MaxMessage = 1000 }, ClientOptions{})
	if _, err := call(as(t, "reader"), c, "Say", big); err == nil {
		t.Error("the server takes a message over its limit")
	}
	if got, err := call(as(t, "reader"), c, "Say", ""); err != nil || got != big {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	c, _ = pipe(t, e, nil, ClientOptions{MaxMessage: 1000})
	if _, err := call(as(t, "reader"), c, "Say", ""); err == nil {
		t.Error("the client takes a message over its limit")
	}
}

func TestStreamsPerConnectionAreBounded(t *testing.T) {
	release, running := make(chan struct{}), atomic.Int32{}
	e := parrot()
	e.many = func(string, grpc.ServerStream) error {
		running.Add(1)
		<-release
		return nil
	}
	c, _ := pipe(t, e, func(o *ServerOptions) { o.MaxStreams = 3 }, ClientOptions{Conns: 1})
	// The health watch is one of the three.
	var open []grpc.ClientStream
	for range 2 {
		s, err := openMany(as(t, "reader"), c, "x")
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, s)
	}
	eventually(t, "running", func() bool { return running.Load() == 2 })
	ctx, cancel := context.WithTimeout(as(t, "reader"), 200*time.Millisecond)
	defer cancel()
	_, err := call(ctx, c, "Say", "x")
	wantCode(t, err, fault.CodeTimeout)
	close(release)
	for _, s := range open {
		if _, err := drain(s); !errors.Is(err, io.EOF) {
			t.Error(err)
		}
	}
	if _, err := call(as(t, "reader"), c, "Say", "x"); err != nil {
		t.Error(err)
	}
}
