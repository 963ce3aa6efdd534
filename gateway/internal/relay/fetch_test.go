package relay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"google.golang.org/genproto/googleapis/api/httpbody"

	"github.com/platformbuilds/mirador-core/libs/rpc"
)

func testKey() Key {
	return Key{Tenant: "demo", Account: "1:0", Route: "/api/v1/query", Params: []Param{{"query", "up"}, {"time", ""}}, Epoch: 3}
}

func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// fetch brings a whole answer to its end.
func fetch(t *testing.T, r *Relay, key Key, call Call) (*Answer, string) {
	t.Helper()
	a, err := r.Fetch(within(t), key, call)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	var text strings.Builder
	n, err := a.WriteTo(&text)
	if err != nil || n != int64(text.Len()) {
		t.Fatalf("%d bytes written, error %v", n, err)
	}
	return a, text.String()
}

func TestMissThenHit(t *testing.T) {
	cases := map[string]body{
		"one message": {data: "small", length: true, ttl: 60_000, cache: "miss"},
		"gathered":    {data: strings.Repeat("g", 300<<10), length: true, ttl: 60_000, cache: "miss"},
		"streamed":    {data: strings.Repeat("s", 700<<10), ttl: 60_000, cache: "miss"},
		"replayed":    {data: strings.Repeat("r", 3<<20), length: true, ttl: 60_000, cache: "miss"},
	}
	for name, b := range cases {
		t.Run(name, func(t *testing.T) {
			s, r := serve(t, b.send), New(Options{})
			a, text := fetch(t, r, testKey(), s.call)
			_, whole := a.Whole()
			if text != b.text(missMetadata) || a.Cache != Miss || a.ContentType != "application/json" || a.Epoch != "7" {
				t.Errorf("%d bytes, answer %+v", len(text), a)
			}
			if whole != (name == "one message" || name == "gathered") {
				t.Errorf("whole: %v", whole)
			}
			a, text = fetch(t, r, testKey(), s.call)
			if text != b.text(hitMetadata) || a.Cache != Hit || a.ContentType != "application/json" || a.Epoch != "7" || a.TTL <= 0 {
				t.Errorf("hit: %d bytes, answer %+v", len(text), a)
			}
			if s.calls.Load() != 1 || r.budget.Used() != 0 {
				t.Errorf("%d calls, %d bytes of the budget left", s.calls.Load(), r.budget.Used())
			}
		})
	}
}

func TestStoredBodyIsSentAsItLies(t *testing.T) {
	s, r := serve(t, body{data: "x", length: true, ttl: 60_000}.send), New(Options{})
	fetch(t, r, testKey(), s.call)
	first, _ := fetch(t, r, testKey(), s.call)
	second, _ := fetch(t, r, testKey(), s.call)
	a, _ := first.Whole()
	b, _ := second.Whole()
	if &a[0] != &b[0] {
		t.Error("a hit copied the body")
	}
}

func TestHitOfTheServiceIsAHit(t *testing.T) {
	s, r := serve(t, func(to out) error {
		_ = to.SendHeader(metadata.Pairs(rpc.KeyCache, "hit", rpc.KeyLength, "4"))
		to.SetTrailer(metadata.Pairs(rpc.KeyCacheTTL, "1000"))
		return sendText(to, "body")
	}), New(Options{})
	for range 2 {
		if a, text := fetch(t, r, testKey(), s.call); a.Cache != Hit || text != "body" {
			t.Errorf("answer %+v %q", a, text)
		}
	}
	if s.calls.Load() != 1 {
		t.Errorf("%d calls", s.calls.Load())
	}
}

func TestBypass(t *testing.T) {
	healthy := false
	s, r := serve(t, body{data: "x", length: true, ttl: 60_000, cache: "bypass"}.send), New(Options{Healthy: func() bool { return healthy }})
	key := testKey()
	for range 2 {
		if a, _ := fetch(t, r, key, s.call); a.Cache != Bypass {
			t.Errorf("not healthy: %s", a.Cache)
		}
	}
	healthy, key.Bypass = true, true
	for range 2 {
		if a, _ := fetch(t, r, key, s.call); a.Cache != Bypass {
			t.Errorf("asked for: %s", a.Cache)
		}
	}
	if s.calls.Load() != 4 || r.local.Bytes() != 0 {
		t.Errorf("%d calls, %d bytes stored", s.calls.Load(), r.local.Bytes())
	}
}

func TestNotStored(t *testing.T) {
	long := strings.Repeat("x", 100<<10)
	cases := map[string]struct {
		b    body
		opts Options
	}{
		"no life":              {b: body{data: "x", length: true}},
		"too large":            {body{data: long, ttl: 60_000}, Options{MaxEntry: 99 << 10}},
		"too large for share":  {body{data: long, ttl: 60_000}, Options{MaxBytes: 150 << 10}},
		"too large for budget": {body{data: long, ttl: 60_000}, Options{TeeBudget: 99 << 10}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s, r := serve(t, c.b.send), New(c.opts)
			for range 2 {
				if a, text := fetch(t, r, testKey(), s.call); text != c.b.text(missMetadata) || a.Cache != Miss {
					t.Errorf("answer %+v, %d bytes", a, len(text))
				}
			}
			if r.local.Bytes() != 0 || r.budget.Used() != 0 {
				t.Errorf("%d bytes stored, %d bytes of the budget left", r.local.Bytes(), r.budget.Used())
			}
		})
	}
}

func TestHealthLostMeanwhile(t *testing.T) {
	asked := 0
	s, r := serve(t, body{data: "x", length: true, ttl: 60_000}.send), New(Options{Healthy: func() bool { asked++; return asked == 1 }})
	fetch(t, r, testKey(), s.call)
	if r.local.Bytes() != 0 {
		t.Error("stored while the shared cache is away")
	}
}

func TestFaultBeforeTheFirstByte(t *testing.T) {
	refused := status.Error(codes.InvalidArgument, "no such query")
	s, r := serve(t, func(out) error { return refused }), New(Options{})
	for range 2 {
		if _, err := r.Fetch(within(t), testKey(), s.call); status.Code(err) != codes.InvalidArgument {
			t.Errorf("error %v", err)
		}
	}
	broken := errors.New("no connection")
	_, err := r.Fetch(within(t), testKey(), func(context.Context) (grpc.ServerStreamingClient[httpbody.HttpBody], error) { return nil, broken })
	if !errors.Is(err, broken) || s.calls.Load() != 2 {
		t.Errorf("error %v, %d calls", err, s.calls.Load())
	}
}

func TestBrokenAnswers(t *testing.T) {
	part := strings.Repeat("x", 200<<10)
	head := func(to out, length string) {
		_ = to.SendHeader(metadata.Pairs(rpc.KeyCache, "miss", rpc.KeyLength, length))
		to.SetTrailer(metadata.Pairs(rpc.KeyCacheTTL, "60000"))
	}
	cases := map[string]func(out) error{
		"stream breaks":           func(to out) error { _ = sendText(to, part); return status.Error(codes.Unavailable, "gone") },
		"gathered body breaks":    func(to out) error { head(to, "204900"); _ = sendText(to, part); return errors.New("gone") },
		"gathered body too short": func(to out) error { head(to, "204900"); return sendText(to, part) },
		"gathered body too long":  func(to out) error { head(to, "100"); return sendText(to, part) },
		"replay too short":        func(to out) error { head(to, "2000000"); return sendText(to, part) },
		"nothing at all":          func(to out) error { head(to, "0"); return nil },
	}
	for name, answer := range cases {
		t.Run(name, func(t *testing.T) {
			s, r := serve(t, answer), New(Options{})
			for range 2 {
				if err := drain(within(t), r, s.call); err == nil || errors.Is(err, io.EOF) {
					t.Errorf("error %v", err)
				}
			}
			if s.calls.Load() != 2 || r.local.Bytes() != 0 || r.budget.Used() != 0 {
				t.Errorf("%d calls, %d bytes stored, %d of the budget left", s.calls.Load(), r.local.Bytes(), r.budget.Used())
			}
		})
	}
}

func drain(ctx context.Context, r *Relay, call Call) error {
	a, err := r.Fetch(ctx, testKey(), call)
	if err != nil {
		return err
	}
	defer a.Close()
	_, err = a.WriteTo(io.Discard)
	if _, again := a.Next(); err != nil && !errors.Is(again, err) {
		return fmt.Errorf("%w, and then %w", io.EOF, again)
	}
	return err
}

func TestCloseCancelsTheCall(t *testing.T) {
	gone := make(chan struct{})
	s, r := serve(t, func(to out) error {
		defer close(gone)
		if err := sendText(to, strings.Repeat("x", 100<<10)); err != nil {
			return err
		}
		<-to.Context().Done()
		return to.Context().Err()
	}), New(Options{})
	a, err := r.Fetch(within(t), testKey(), s.call)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Next(); err != nil {
		t.Fatal(err)
	}
	a.Close()
	a.Close()
	select {
	case <-gone:
	case <-within(t).Done():
		t.Fatal("the call goes on")
	}
	if _, err := a.Next(); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestWriterFails(t *testing.T) {
	s, r := serve(t, body{data: strings.Repeat("x", 700<<10), ttl: 60_000}.send), New(Options{})
	a, err := r.Fetch(within(t), testKey(), s.call)
	if err != nil {
		t.Fatal(err)
	}
	reader, writer := io.Pipe()
	_ = reader.Close()
	if _, err := a.WriteTo(writer); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("error %v", err)
	}
	a.Close()
	if r.local.Bytes() != 0 || r.budget.Used() != 0 {
		t.Errorf("%d bytes stored, %d of the budget left", r.local.Bytes(), r.budget.Used())
	}
}

func TestLifeOfAnEntry(t *testing.T) {
	now, longest := time.Unix(1_800_000_000, 0), time.Duration(0)
	s, r := serve(t, body{data: "x", length: true, ttl: 60_000}.send), New(Options{
		Now: func() time.Time { return now }, MaxTTL: func() time.Duration { return longest }})
	fetch(t, r, testKey(), s.call)
	now = now.Add(29 * time.Second)
	if a, _ := fetch(t, r, testKey(), s.call); a.Cache != Hit || a.Age != 29*time.Second || a.TTL != 31*time.Second {
		t.Errorf("answer %+v", a)
	}
	longest = 30 * time.Second
	if a, _ := fetch(t, r, testKey(), s.call); a.Cache != Hit || a.TTL != time.Second {
		t.Errorf("with a limit: %+v", a)
	}
	now = now.Add(time.Second)
	if a, _ := fetch(t, r, testKey(), s.call); a.Cache != Miss {
		t.Errorf("beyond the limit: %+v", a)
	}
	longest, now = 0, now.Add(29*time.Second)
	if a, _ := fetch(t, r, testKey(), s.call); a.Cache != Hit || a.TTL != time.Second {
		t.Errorf("stored under a limit: %+v", a)
	}
	now = now.Add(time.Second)
	if a, _ := fetch(t, r, testKey(), s.call); a.Cache != Miss {
		t.Errorf("after its end: %+v", a)
	}
}
