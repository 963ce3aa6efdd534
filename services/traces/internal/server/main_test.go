package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	"github.com/platformbuilds/mirador-core/libs/upstream"
	"github.com/platformbuilds/mirador-core/services/traces/internal/reading"
	"github.com/platformbuilds/mirador-core/services/traces/internal/victoriatraces"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const golden = "../../../../devstack/testdata/golden/victoriatraces/"

func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// peer is a back end that answers what was recorded, and what a test adds.
type peer struct {
	mu sync.Mutex
	// recorded answers by tenant, path and query.
	recorded map[string]recorded
	// own answers come first.
	own func(w http.ResponseWriter, r *http.Request) bool
}

type recorded struct {
	Status  int
	Headers map[string]string
	Body    string
	Cut     int `json:"body_truncated_from_chars"`
}

func key(account, path string, query url.Values) string {
	return account + " " + path + "?" + query.Encode()
}

func newPeer(t testing.TB) *peer {
	t.Helper()
	p := &peer{recorded: map[string]recorded{}}
	for _, file := range []string{"02-services-operations", "03-search", "04-trace-by-id", "05-tenants"} {
		raw, err := os.ReadFile(golden + file + ".jsonl")
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(raw)) {
			p.learn(t, line)
		}
	}
	return p
}

func (p *peer) learn(t testing.TB, line string) {
	var e struct {
		Request struct {
			Method  string
			Path    string
			Query   [][2]string
			Headers map[string]string
		}
		Response recorded
	}
	if err := json.Unmarshal([]byte(line), &e); err != nil {
		t.Fatal(err)
	}
	v := url.Values{}
	for _, pair := range e.Request.Query {
		v.Set(pair[0], pair[1])
	}
	account := e.Request.Headers["AccountID"]
	if account == "" {
		account = "0"
	}
	if e.Response.Cut == 0 && e.Request.Method == http.MethodGet {
		p.recorded[key(account, e.Request.Path, v)] = e.Response
	}
}

// ServeHTTP implements http.Handler.
func (p *peer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if p.own != nil && p.own(w, r) {
		return
	}
	p.mu.Lock()
	e, ok := p.recorded[key(r.Header.Get("AccountID"), r.URL.Path, r.URL.Query())]
	p.mu.Unlock()
	if !ok {
		// An empty answer, as the real server gives for what it does not know.
		e = recorded{Status: http.StatusOK, Headers: map[string]string{"Content-Type": "application/json"}, Body: `{"data":[],"errors": null,"limit": 0,"offset": 0,"total":1}`}
	}
	w.Header().Set("Content-Type", e.Headers["Content-Type"])
	w.WriteHeader(e.Status)
	_, _ = w.Write([]byte(e.Body))
}

// says lets the peer answer a path with a body.
func (p *peer) says(path, kind, body string) {
	before := p.own
	p.own = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != path {
			return before != nil && before(w, r)
		}
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write([]byte(body))
		return true
	}
}

func limits() reading.Limits {
	return reading.Limits{Timeout: time.Minute, ListTTL: 5 * time.Minute, MaxSpans: 200_000, MaxRange: 31 * 24 * time.Hour, MaxConcurrent: 8}
}

// serve makes a server on top of the back end, over a real pool.
func serve(t testing.TB, back http.Handler, l reading.Limits) *Server {
	t.Helper()
	s := httptest.NewServer(back)
	t.Cleanup(s.Close)
	return serveAt(t, s.URL, l)
}

func serveAt(t testing.TB, endpoint string, l reading.Limits) *Server {
	t.Helper()
	options := upstream.DefaultOptions()
	options.MaxAnswerBytes = 32 << 20
	// A busy machine is no dead back end.
	options.Timeout, options.SuspectAfter = time.Minute, time.Minute
	p, err := upstream.New(t.Context(), upstream.Config{Name: "traces", Endpoints: []string{endpoint}, Options: options},
		upstream.Deps{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = p.Run(t.Context())
	}()
	t.Cleanup(func() { <-done })
	return New(reading.New(reading.Parts{Backend: victoriatraces.New(p, noon), Limits: l, Observe: func(string, time.Duration) {}, Now: noon}))
}

// away is a server whose back end does not answer.
func away(t testing.TB) *Server {
	s := httptest.NewServer(nil)
	s.Close()
	return serveAt(t, s.URL, limits())
}

// client is the receiving side of a stream.
type client struct {
	grpc.ServerStream
	ctx             context.Context
	header, trailer metadata.MD
	body            bytes.Buffer
}

func (c *client) Context() context.Context        { return c.ctx }
func (c *client) SetHeader(md metadata.MD) error  { c.header = metadata.Join(c.header, md); return nil }
func (c *client) SendHeader(md metadata.MD) error { return c.SetHeader(md) }
func (c *client) SetTrailer(md metadata.MD)       { c.trailer = metadata.Join(c.trailer, md) }
func (c *client) Send(m *httpbody.HttpBody) error {
	c.body.Write(m.GetData())
	return nil
}

// as is a client of the tenant with a role scope.
func as(t testing.TB, account uint32, scope string) *client {
	return &client{ctx: identity.Into(t.Context(), &identity.Identity{Tenant: "demo", Account: account, User: "u", Scope: scope})}
}

// member gives what lies at a path of names in the body.
func (c *client) member(t testing.TB, path ...string) any {
	t.Helper()
	var at any
	if err := json.Unmarshal(c.body.Bytes(), &at); err != nil {
		t.Fatalf("%v in %.300s", err, c.body.String())
	}
	for _, name := range path {
		object, ok := at.(map[string]any)
		if !ok {
			t.Fatalf("no %s in %.300s", name, c.body.String())
		}
		at = object[name]
	}
	return at
}

func (c *client) said(key string) string {
	return strings.Join(append(c.header.Get(key), c.trailer.Get(key)...), ",")
}

// expect checks a fault by code, message and field.
func expect(t *testing.T, err error, code fault.Code, message, field string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) {
		t.Errorf("got %v, want %s", err, code)
		return
	}
	if f.Code != code || f.Message != message {
		t.Errorf("got %s %q (%v), want %s %q", f.Code, f.Message, err, code, message)
	}
	if field != "" && (len(f.Fields) == 0 || f.Fields[0].Pointer != field) {
		t.Errorf("got fields %v, want %s", f.Fields, field)
	}
}

// degraded checks an answer that says that the back end is away.
func degraded(t *testing.T, c *client, err error) {
	t.Helper()
	if err != nil || c.said(rpc.KeyDegraded) != "victoria_traces" || c.said(rpc.KeyCacheTTL) != "" ||
		c.member(t, "metadata", "degraded") != true || c.member(t, "metadata", "backend") != "victoria_traces" {
		t.Errorf("got %v, %v %v, %s", err, c.header, c.trailer, c.body.String())
	}
}
