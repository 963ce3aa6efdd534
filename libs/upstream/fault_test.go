package upstream

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

func hostOf(srv *httptest.Server) string { return srv.Listener.Addr().String() }

// downURL is an address where nothing listens.
func downURL(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return "http://" + ln.Addr().String()
}

func TestOneEndpointDown(t *testing.T) {
	p := newPool(t, config(downURL(t), backend(t, says("ok")).URL))
	for range 50 {
		if got, err := call(t.Context(), p, get); err != nil || got != "ok" {
			t.Fatalf("answer %q, %v", got, err)
		}
	}
	if p.Check(t.Context()) == nil {
		t.Error("the dead endpoint does not show")
	}
}

func TestAllEndpointsDown(t *testing.T) {
	p := newPool(t, config(downURL(t)+"/a", downURL(t)))
	for range 20 {
		_, err := call(t.Context(), p, get)
		wantFault(t, err, fault.CodeBackendDown)
		if f := fault.From(err); f.RetryAfter == 0 || strings.Contains(f.Detail+f.Message, "127.0.0.1") {
			t.Fatalf("fault %+v", f)
		}
	}
}

func TestWritesAreNotRepeated(t *testing.T) {
	var calls atomic.Int64
	broken := answers(http.StatusBadGateway, &calls)
	p := newPool(t, config(backend(t, broken).URL, backend(t, broken).URL))
	_, err := call(t.Context(), p, Request{Method: http.MethodPost, Target: Target{Path: "/insert", Body: []byte("x")}})
	wantFault(t, err, fault.CodeBackendFailed)
	if calls.Load() != 1 {
		t.Errorf("%d tries of a write", calls.Load())
	}
}

func TestTriesAreBounded(t *testing.T) {
	var calls atomic.Int64
	var urls []string
	for range 5 {
		urls = append(urls, backend(t, answers(http.StatusBadGateway, &calls)).URL)
	}
	_, err := call(t.Context(), newPool(t, config(urls...)), get)
	wantFault(t, err, fault.CodeBackendFailed)
	if calls.Load() != maxTries {
		t.Errorf("%d tries, want %d", calls.Load(), maxTries)
	}
}

func TestBudgetBoundsRetries(t *testing.T) {
	var calls atomic.Int64
	broken := answers(http.StatusBadGateway, &calls)
	p := newPool(t, config(backend(t, broken).URL, backend(t, broken).URL))
	begin := time.Now()
	const asked = 1000
	for range asked {
		_, _ = call(t.Context(), p, get)
	}
	allowed := budgetMost + budgetShare*asked + budgetFloor*(time.Since(begin).Seconds()+1)
	if extra := float64(calls.Load() - asked); extra > allowed || extra < budgetMost {
		t.Errorf("%v retries for %d calls, want %v to %v", extra, asked, budgetMost, allowed)
	}
}

func TestStatusesOfTheBackEnd(t *testing.T) {
	tests := []struct {
		status int
		want   fault.Code
	}{
		{http.StatusMovedPermanently, fault.CodeBackendFailed},
		{http.StatusUnauthorized, fault.CodeBackendFailed},
		{http.StatusForbidden, fault.CodeBackendFailed},
		{http.StatusTooManyRequests, fault.CodeBackendDown},
		{http.StatusInternalServerError, fault.CodeBackendFailed},
		{http.StatusServiceUnavailable, fault.CodeBackendDown},
		{http.StatusGatewayTimeout, fault.CodeTimeout},
	}
	for _, tt := range tests {
		t.Run(http.StatusText(tt.status), func(t *testing.T) {
			srv := backend(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/elsewhere" {
					t.Error("a redirect was followed")
				}
				w.Header().Set("Location", "/elsewhere")
				w.Header().Set("Retry-After", "7")
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, "secret words")
			})
			_, err := call(t.Context(), newPool(t, config(srv.URL)), get)
			wantFault(t, err, tt.want)
			f := fault.From(err)
			if strings.Contains(f.Message+f.Detail, "secret") {
				t.Errorf("the back end's words pass: %+v", f)
			}
			if tt.want == fault.CodeBackendDown && f.RetryAfter != 7*time.Second {
				t.Errorf("retry after %s, want 7s", f.RetryAfter)
			}
		})
	}
}

func TestAilingEndpointIsAvoidedAndComesBack(t *testing.T) {
	var sick atomic.Bool
	sick.Store(true)
	var asked atomic.Int64
	srv := backend(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/q" {
			asked.Add(1)
		}
		if sick.Load() {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	p := newPool(t, config(srv.URL, backend(t, says("")).URL))
	for range 100 {
		if _, err := call(t.Context(), p, get); err != nil {
			t.Fatal(err)
		}
	}
	if n := asked.Load(); n < strikes || n > 3*strikes {
		t.Errorf("a failing endpoint got %d calls of 100", n)
	}
	if p.Check(t.Context()) == nil {
		t.Error("the ejection does not show")
	}
	sick.Store(false)
	eventually(t, "the endpoint is back", func() bool { return p.Check(t.Context()) == nil })
}

func TestOneBrokenConnectionEjectsNobody(t *testing.T) {
	var broken atomic.Bool
	srv := backend(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/q" && broken.CompareAndSwap(true, false) {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, "ok")
	})
	p := newPool(t, config(srv.URL))
	for range 3 {
		broken.Store(true)
		_, err := call(t.Context(), p, Request{Method: http.MethodPost, Target: get.Target})
		wantFault(t, err, fault.CodeBackendDown)
		if got, err := call(t.Context(), p, get); err != nil || got != "ok" {
			t.Fatalf("answer %q, %v right after a broken connection", got, err)
		}
	}
}

func TestAilingIsBetterThanNothing(t *testing.T) {
	var calls atomic.Int64
	srv := backend(t, answers(http.StatusInternalServerError, &calls))
	p := newPool(t, config(srv.URL))
	for range 2 * strikes {
		_, err := call(t.Context(), p, get)
		wantFault(t, err, fault.CodeBackendFailed)
	}
	if n := calls.Load(); n < 2*strikes {
		t.Errorf("the only endpoint got %d of %d calls", n, 2*strikes)
	}
}

func TestHalfOpenEndpoint(t *testing.T) {
	good := backend(t, says("ok"))
	proxy := newFaultProxy(t, hostOf(good))
	proxy.silent.Store(true)
	cfg := config(proxy.url(), good.URL)
	cfg.SuspectAfter = 50 * time.Millisecond
	p := newPool(t, cfg)
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if got, err := call(t.Context(), p, get); err != nil || got != "ok" {
				t.Errorf("answer %q, %v", got, err)
			}
		})
	}
	wg.Wait()
	if p.Check(t.Context()) == nil {
		t.Error("an endpoint that accepts and never answers does not show")
	}
	proxy.silent.Store(false)
	eventually(t, "the endpoint is back", func() bool { return p.Check(t.Context()) == nil })
}

func TestOnlyEndpointHalfOpen(t *testing.T) {
	good := backend(t, says("ok"))
	proxy := newFaultProxy(t, hostOf(good))
	proxy.silent.Store(true)
	cfg := config(proxy.url())
	cfg.SuspectAfter = 50 * time.Millisecond
	p := newPool(t, cfg)
	_, err := call(t.Context(), p, get)
	wantFault(t, err, fault.CodeBackendDown)
}

func TestSlowQueryOnALivingEndpoint(t *testing.T) {
	var probes atomic.Int64
	var calls atomic.Int64
	srv := backend(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/health" {
			probes.Add(1)
			return
		}
		calls.Add(1)
		for probes.Load() < 3 && r.Context().Err() == nil {
			time.Sleep(time.Millisecond)
		}
		_, _ = io.WriteString(w, "slow")
	})
	cfg := config(srv.URL, srv.URL+"/")
	cfg.Endpoints = append(cfg.Endpoints, backend(t, says("other")).URL)
	cfg.SuspectAfter = 10 * time.Millisecond
	r := get
	r.Prefer = hostOf(srv)
	got, err := call(t.Context(), newPool(t, cfg), r)
	if err != nil || got != "slow" || calls.Load() != 1 {
		t.Errorf("answer %q, %v after %d calls", got, err, calls.Load())
	}
}

func TestDeadlineOfTheCaller(t *testing.T) {
	srv := backend(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	p := newPool(t, config(srv.URL))
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	_, err := call(ctx, p, get)
	wantFault(t, err, fault.CodeTimeout)
	ctx, cancel = context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	_, err = call(ctx, p, get)
	wantFault(t, err, fault.CodeCanceled)
	if p.Check(t.Context()) != nil {
		t.Error("an impatient caller ejects the endpoint")
	}
}

func TestDeadlineCoversTheBody(t *testing.T) {
	srv := backend(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("x", 100<<10))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	cfg := config(srv.URL)
	cfg.Timeout = 100 * time.Millisecond
	got, err := call(t.Context(), newPool(t, cfg), get)
	wantFault(t, err, fault.CodeTimeout)
	if len(got) != 100<<10 {
		t.Errorf("%d bytes before the cut", len(got))
	}
}

func compressed(t *testing.T, coding string, body []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	var w io.WriteCloser = gzip.NewWriter(&buf)
	if coding == "zstd" {
		z, err := zstd.NewWriter(&buf)
		if err != nil {
			t.Fatal(err)
		}
		w = z
	}
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func sendsCoded(coding string, body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", coding)
		_, _ = w.Write(body)
	}
}

func TestCompressedAnswers(t *testing.T) {
	text := strings.Repeat("sample ", 100_000)
	for _, coding := range []string{"gzip", "zstd"} {
		t.Run(coding, func(t *testing.T) {
			small := compressed(t, coding, []byte("sample"))
			large := compressed(t, coding, []byte(text))
			for want, body := range map[string][]byte{"sample": small, text: large} {
				cfg := config(backend(t, sendsCoded(coding, body)).URL)
				cfg.Compression = true
				got, err := call(t.Context(), newPool(t, cfg), get)
				if err != nil || got != want {
					t.Errorf("%d bytes, %v; want %d", len(got), err, len(want))
				}
			}
		})
	}
}

func TestBombs(t *testing.T) {
	zeros := make([]byte, 4<<20)
	bodies := map[string][]byte{"gzip": compressed(t, "gzip", zeros), "zstd": compressed(t, "zstd", zeros), "identity": zeros}
	for coding, body := range bodies {
		for _, prefetch := range []int{0, 1 << 10, 1 << 20} {
			t.Run(coding+"/"+strconv.Itoa(prefetch), func(t *testing.T) {
				cfg := config(backend(t, sendsCoded(coding, body)).URL)
				cfg.MaxAnswerBytes, cfg.Prefetch = 64<<10, prefetch
				p := newPool(t, cfg)
				got, err := call(t.Context(), p, get)
				wantFault(t, err, fault.CodeAnswerTooLarge)
				if len(got) > 64<<10 {
					t.Errorf("%d bytes were handed out", len(got))
				}
				if p.Check(t.Context()) != nil {
					t.Error("a large answer ejects the endpoint")
				}
			})
		}
	}
}

func TestAnswerOfExactlyTheLimit(t *testing.T) {
	body := strings.Repeat("x", 64<<10)
	for _, prefetch := range []int{0, 64 << 10, 1 << 20} {
		cfg := config(backend(t, says(body)).URL)
		cfg.MaxAnswerBytes, cfg.Prefetch = 64<<10, prefetch
		if got, err := call(t.Context(), newPool(t, cfg), get); err != nil || got != body {
			t.Errorf("prefetch %d: %d bytes, %v", prefetch, len(got), err)
		}
	}
}

// liars are endpoints whose answers are not what they claim.
func liars(t *testing.T) map[string]http.HandlerFunc {
	whole := compressed(t, "gzip", []byte(strings.Repeat("sample ", 1000)))
	return map[string]http.HandlerFunc{
		"length too long": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, "short")
		},
		"truncated gzip": sendsCoded("gzip", whole[:len(whole)/2]),
		"no gzip at all": sendsCoded("gzip", []byte("plain text")),
		"no zstd at all": sendsCoded("zstd", []byte("plain text")),
		"unknown coding": sendsCoded("br", []byte("x")),
		"stacked coding": sendsCoded("gzip, gzip", whole),
	}
}

func TestLiars(t *testing.T) {
	for name, handle := range liars(t) {
		t.Run(name, func(t *testing.T) {
			_, err := call(t.Context(), newPool(t, config(backend(t, handle).URL)), get)
			wantFault(t, err, fault.CodeBackendFailed)
			p := newPool(t, config(backend(t, handle).URL, backend(t, says("truth")).URL))
			for range 20 {
				if got, err := call(t.Context(), p, get); err != nil || got != "truth" {
					t.Fatalf("answer %q, %v beside a truthful endpoint", got, err)
				}
			}
		})
	}
}

func TestAnswerCutInTheMiddle(t *testing.T) {
	srv := backend(t, says(strings.Repeat("x", 1<<20)))
	proxy := newFaultProxy(t, hostOf(srv))
	proxy.cutAfter.Store(500 << 10)
	got, err := call(t.Context(), newPool(t, config(proxy.url())), get)
	wantFault(t, err, fault.CodeBackendFailed)
	if len(got) == 0 {
		t.Error("nothing was handed out before the cut")
	}
}

func TestLargeAnswerStreams(t *testing.T) {
	const size = 9 << 20
	chunk := bytes.Repeat([]byte("0123456789abcdef"), 4<<10)
	srv := backend(t, func(w http.ResponseWriter, _ *http.Request) {
		for range size / len(chunk) {
			_, _ = w.Write(chunk)
		}
	})
	resp, err := newPool(t, config(srv.URL)).Do(t.Context(), get)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, whole := resp.Whole(); whole {
		t.Error("a large answer calls itself whole")
	}
	if n, err := io.Copy(io.Discard, resp.Body); err != nil || n != size {
		t.Errorf("%d bytes, %v", n, err)
	}
}

// TestKillUnderLoad ends one of two endpoints while 16 clients call.
func TestKillUnderLoad(t *testing.T) {
	a, b := newFaultProxy(t, hostOf(backend(t, says("ok")))), newFaultProxy(t, hostOf(backend(t, says("ok"))))
	p := newPool(t, config(a.url(), b.url()))
	var calls, failed atomic.Int64
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if got, err := call(t.Context(), p, get); err != nil || got != "ok" {
					failed.Add(1)
					t.Errorf("answer %q, %v", got, err)
				}
				calls.Add(1)
			}
		})
	}
	more := func() {
		target := calls.Load() + 500
		eventually(t, "calls go on", func() bool { return calls.Load() > target || failed.Load() > 0 })
	}
	more()
	a.kill()
	more()
	a.reborn(t)
	eventually(t, "the endpoint is back", func() bool { return p.Check(t.Context()) == nil })
	more()
	close(stop)
	wg.Wait()
}

func TestDeadEndpointComesBackWithoutRun(t *testing.T) {
	good := backend(t, says("ok"))
	proxy := newFaultProxy(t, hostOf(good))
	p, err := New(t.Context(), config(proxy.url()), Deps{Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	defer p.transport.CloseIdleConnections()
	proxy.kill()
	_, err = call(t.Context(), p, get)
	wantFault(t, err, fault.CodeBackendDown)
	proxy.reborn(t)
	eventually(t, "a caller brings it back", func() bool {
		got, err := call(t.Context(), p, get)
		return err == nil && got == "ok"
	})
}
