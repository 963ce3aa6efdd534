package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"github.com/platformbuilds/mirador-core/libs/fault"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
)

// tailed serves the server over gRPC as tenant 7 and gives a client.
func tailed(t *testing.T, s *Server) logsv1.LogsServiceClient {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	signedIn := func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
		return next(srv, signed{ss})
	}
	server := grpc.NewServer(grpc.StreamInterceptor(signedIn), grpc.MaxConcurrentStreams(1000), grpc.WaitForHandlers(true))
	logsv1.RegisterLogsServiceServer(server, s)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:///tail", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn.Close()
		server.Stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return logsv1.NewLogsServiceClient(conn)
}

type signed struct{ grpc.ServerStream }

func (s signed) Context() context.Context { return caller(s.ServerStream.Context()) }

// arriving is a back end whose tails show a row at once and then wait.
func arriving(open *atomic.Int64, closed *sync.WaitGroup) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/select/logsql/tail" {
			http.Error(w, "unexpected", http.StatusBadRequest)
			return
		}
		open.Add(1)
		closed.Add(1)
		defer closed.Done()
		w.Header().Set("Content-Type", "application/x-ndjson")
		fmt.Fprintf(w, "{\"_time\":%q,\"_msg\":\"now\"}\n", time.Now().Add(time.Second).UTC().Format(time.RFC3339Nano))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
}

// receive reads events up to the first with rows.
func receive(t *testing.T, from grpc.ServerStreamingClient[logsv1.TailEvent]) *logsv1.TailEvent {
	t.Helper()
	for {
		e, err := from.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if len(e.GetRows()) > 0 {
			return e
		}
	}
}

func TestVanishedTailsLeaveNothing(t *testing.T) {
	const clients = 200
	var open atomic.Int64
	var upstream sync.WaitGroup
	s := onBackend(t, arriving(&open, &upstream))
	// It runs when the gRPC server, and with it every handler, has ended.
	t.Cleanup(func() {
		if _, err := s.tails.Enter("", "shop", 1); err != nil {
			t.Errorf("a place is not free: %v", err)
		}
	})
	client := tailed(t, s)
	ctx, vanish := context.WithCancel(t.Context())
	for range clients {
		stream, err := client.Tail(ctx, &logsv1.TailRequest{})
		if err != nil {
			t.Fatal(err)
		}
		if e := receive(t, stream); e.GetSent() != 1 || e.GetRows()[0].GetTime() == "" {
			t.Errorf("%v", e)
		}
	}
	vanish()
	upstream.Wait()
	if open.Load() != clients {
		t.Errorf("%d upstream connections", open.Load())
	}
}

func TestTailRequest(t *testing.T) {
	asked := make(chan *http.Request, 1)
	s := onBackend(t, func(w http.ResponseWriter, r *http.Request) {
		asked <- r
		w.Header().Set("Content-Type", "application/x-ndjson")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stream, err := tailed(t, s).Tail(ctx, &logsv1.TailRequest{Query: "service:=cart # mine"})
	if err != nil {
		t.Fatal(err)
	}
	if e, err := stream.Recv(); err != nil || len(e.GetRows()) > 0 {
		t.Errorf("first event %v, %v", e, err)
	}
	r := <-asked
	q := r.URL.Query()
	if r.URL.Path != "/select/logsql/tail" || r.Header.Get("AccountID") != "7" || q.Get("offset") != "1s" || q.Get("start_offset") == "" {
		t.Errorf("asked %s as %s", r.URL, r.Header.Get("AccountID"))
	}
}

func TestRefusedTails(t *testing.T) {
	s := onBackend(t, func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `the query [*] cannot be used in live tailing; see https://docs.example/ for details`, http.StatusBadRequest)
	})
	s.Limits.Tails = 1
	client := tailed(t, s)
	cases := []struct {
		name string
		in   *logsv1.TailRequest
		want fault.Code
	}{
		{"stats", &logsv1.TailRequest{Query: "* | stats count()"}, fault.CodeQueryInvalid},
		{"sort", &logsv1.TailRequest{Query: "* | sort by (_time)"}, fault.CodeQueryInvalid},
		{"guard", &logsv1.TailRequest{Query: `"abc`}, fault.CodeQueryInvalid},
		{"since", &logsv1.TailRequest{Since: "soon"}, fault.CodeInvalidTime},
		{"too long ago", &logsv1.TailRequest{Since: "2001-01-01"}, fault.CodeQueryTooExpensive},
		{"sampling", &logsv1.TailRequest{Sampling: -1}, fault.CodeInvalidRequest},
		{"back end", &logsv1.TailRequest{Query: "*"}, fault.CodeQueryInvalid},
		{"back end again, its place being free", &logsv1.TailRequest{Query: "*"}, fault.CodeQueryInvalid},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			stream, err := client.Tail(t.Context(), c.in)
			if err != nil {
				t.Fatal(err)
			}
			if e, err := stream.Recv(); fault.From(err) == nil || fault.From(err).Code != c.want {
				t.Errorf("event %v, error %v", e, err)
			}
		})
	}
}

func TestTailsOfATenantAreBounded(t *testing.T) {
	var open atomic.Int64
	var upstream sync.WaitGroup
	s := onBackend(t, arriving(&open, &upstream))
	s.Limits.Tails = 1
	client := tailed(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	first, err := client.Tail(ctx, &logsv1.TailRequest{})
	if err != nil {
		t.Fatal(err)
	}
	receive(t, first)
	second, err := client.Tail(ctx, &logsv1.TailRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := second.Recv(); !errors.Is(fault.From(err), fault.New(fault.CodeBusy, "")) {
		t.Errorf("%v", err)
	}
}

// A replica that is being stopped ends its tails, so that their callers go on at
// another one.
func TestTailsEndWhenTheReplicaDrains(t *testing.T) {
	var open atomic.Int64
	var upstream sync.WaitGroup
	s := onBackend(t, arriving(&open, &upstream))
	draining, drain := context.WithCancel(t.Context())
	s.Draining = draining
	stream, err := tailed(t, s).Tail(t.Context(), &logsv1.TailRequest{})
	if err != nil {
		t.Fatal(err)
	}
	receive(t, stream)
	drain()
	for err == nil {
		_, err = stream.Recv()
	}
	if f := fault.From(err); f.Code != fault.CodeUnavailable {
		t.Errorf("ended with %v", f)
	}
	upstream.Wait()
}
