package server

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
)

// TestReal stores events in a VictoriaLogs, in a tenant of their own, and gets
// them back on every way there is.
func TestReal(t *testing.T) {
	address := os.Getenv("VICTORIALOGS_URL")
	if address == "" {
		t.Skip("no real server given: set VICTORIALOGS_URL")
	}
	target, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.Transport, proxy.FlushInterval = transport, -1
	s := onBackend(t, proxy.ServeHTTP)
	s.Now = time.Now
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ctx = identity.Into(ctx, &identity.Identity{Tenant: "own", Account: rand.Uint32(), User: "ann"})

	tailing, events := &tails{ctx: ctx, open: make(chan struct{}), rows: make(chan string, 1000)}, make(chan error, 1)
	go func() { events <- s.Tail(&logsv1.TailRequest{Query: "level:error"}, tailing) }()
	<-tailing.open
	began := time.Now()
	for i := range 5 {
		storeOrders(ctx, t, s, i)
	}
	// Each of the five uploads has twenty failures.
	for range 100 {
		select {
		case text := <-tailing.rows:
			if !strings.Contains(text, "failed") {
				t.Errorf("tailed %s", text)
			}
		case err := <-events:
			t.Fatalf("the tail has ended: %v", err)
		}
	}
	exported(ctx, t, s)
	mineOrders(ctx, t, s)
	comparedOrders(ctx, t, s, began)
	cancel()
	if err := <-events; err != nil {
		t.Errorf("tail: %v", err)
	}
}

func storeOrders(ctx context.Context, t *testing.T, s *Server, n int) {
	t.Helper()
	var body strings.Builder
	for i := range 100 {
		level, what := "info", "paid"
		if i%5 == 0 {
			level, what = "error", "failed"
		}
		fmt.Fprintf(&body, `{"msg":"order %d %s","level":%q,"service":"shop","cart":{"items":%d}}`+"\n", n*100+i, what, level, i%3)
	}
	out, err := s.Store(ctx, &logsv1.StoreRequest{Body: []byte(body.String()), ContentType: "application/x-ndjson"})
	if err != nil || out.GetData().GetAccepted() != 100 {
		t.Fatalf("%v, %v", out, err)
	}
}

func exported(ctx context.Context, t *testing.T, s *Server) {
	t.Helper()
	for _, format := range []string{"json", "ndjson", "csv", "parquet"} {
		to := &bodies{ctx: ctx}
		if err := s.Export(&logsv1.ExportRequest{Query: "*", Format: format}, to); err != nil || only(to.trailer, rpc.KeyRows) != "500" {
			t.Errorf("%s: %v, trailer %v", format, err, to.trailer)
		}
		head, _, _ := strings.Cut(to.body.String(), "\r\n")
		if want := "_msg,_stream,_stream_id,_time,cart.items,level,msg,service,stored_by,tenant_id"; format == "csv" && head != want {
			t.Errorf("header %s", head)
		}
	}
}

func mineOrders(ctx context.Context, t *testing.T, s *Server) {
	t.Helper()
	out, err := s.Patterns(ctx, &logsv1.PatternsRequest{Since: "now-1h"})
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, p := range out.GetData().GetPatterns() {
		got += fmt.Sprintf("%s %g %v %v; ", p.GetTemplate(), p.GetCount(), p.GetNew(), p.GetServices()[0].GetKey())
	}
	if want := "order <num> paid 400 true shop; order <num> failed 100 true shop; "; got != want {
		t.Errorf("patterns %s", got)
	}
}

func comparedOrders(ctx context.Context, t *testing.T, s *Server, began time.Time) {
	t.Helper()
	// Two windows of the same query: without a difference, and with one.
	in := &logsv1.DifferencesRequest{BadStart: stamp(began), BadEnd: "now", GoodStart: stamp(began), GoodEnd: "now"}
	out, err := s.Differences(ctx, in)
	if err != nil || len(out.GetData().GetDifferences()) != 0 || out.GetData().GetBadRows() != 500 || out.GetData().GetGoodRows() != 500 {
		t.Errorf("%v, %v", out, err)
	}
	in.GoodStart, in.GoodEnd = "", ""
	if out, err = s.Differences(ctx, in); err != nil || out.GetData().GetGoodRows() != 0 {
		t.Errorf("%v, %v", out, err)
	}
}
