package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/cache"
	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/libs/rpc"
	"github.com/platformbuilds/mirador-core/services/query/internal/cost"
	"github.com/platformbuilds/mirador-core/services/query/internal/definitions"
	"github.com/platformbuilds/mirador-core/services/query/internal/execution"
	"github.com/platformbuilds/mirador-core/services/query/internal/read"
	"github.com/platformbuilds/mirador-core/services/query/internal/relay"
	"github.com/platformbuilds/mirador-core/services/query/internal/resultcache"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// store is a Backend that answers by kind of request and remembers.
type store struct {
	asked  []read.Request
	answer func(r read.Request) (string, error)
}

func (s *store) Read(_ context.Context, _ *identity.Identity, r read.Request) (io.ReadCloser, error) {
	s.asked = append(s.asked, r)
	body, err := s.answer(r)
	return io.NopCloser(strings.NewReader(body)), err
}

// shelf is a Source of definitions.
type shelf struct{ err error }

func (s *shelf) Lookup(_ context.Context, _ []string, epoch uint64) (definitions.Found, error) {
	return definitions.Found{Epoch: epoch, Metrics: map[string]definitions.Known{"up": {
		Metric: &definitions.Metric{Tenant: "demo", Name: "up", Description: "whether it answers"},
		Labels: []definitions.Label{{Tenant: "demo", Metric: "up", Name: "job", Type: "string"}},
	}}}, s.err
}

// noEpochs is a tenant without definitions.
type noEpochs struct{}

func (noEpochs) Epoch(string) uint64 { return 3 }

// bench is a service with everything around it faked.
type bench struct {
	*Server
	store    *store
	shelf    *shelf
	observed []string
}

func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

const (
	vector = `{"status":"success","isPartial":false,"data":{"resultType":"vector","result":[{"metric":{"__name__":"up","job":"a","zone":"z"},"value":[1,"1"]}]},"stats":{"seriesFetched":"1"}}`
	matrix = `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"up"},"values":[[1,"1"],[2,"1"]]}]}}`
	names  = `{"status":"success","data":["down_total","up"]}`
)

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{shelf: &shelf{}, store: &store{answer: func(r read.Request) (string, error) {
		switch r.(type) {
		case read.Instant:
			return vector, nil
		case read.Range:
			return matrix, nil
		case read.Metadata:
			return "", read.ErrUnfiltered
		}
		return names, nil
	}}}
	answers := resultcache.New(cache.NewMemory(noon), resultcache.Options{Now: noon, Jitter: func() float64 { return 0 }})
	t.Cleanup(answers.Close)
	b.Server = New(execution.New(execution.Parts{
		Backend: b.store, Relay: relay.New(), Cache: answers, Epochs: noEpochs{},
		Book: definitions.NewBook(b.shelf, time.Second, time.Minute, noon),
		Limits: func(string) cost.Limits {
			return cost.Limits{Points: 11_000, Range: 1000 * 24 * time.Hour, Text: 100, Series: 50}
		},
		Observe: func(kind, tenant string, _ time.Duration) { b.observed = append(b.observed, kind+" "+tenant) },
		Stale:   func() bool { return false }, Timeout: time.Minute, ClosedTTL: 5 * time.Minute, Now: noon,
	}))
	return b
}

// client is the receiving side of a stream.
type client struct {
	grpc.ServerStream
	ctx             context.Context
	header, trailer metadata.MD
	body            bytes.Buffer
}

func (c *client) Context() context.Context        { return c.ctx }
func (c *client) SendHeader(md metadata.MD) error { c.header = md; return nil }
func (c *client) SetHeader(md metadata.MD) error  { c.header = md; return nil }
func (c *client) SetTrailer(md metadata.MD)       { c.trailer = metadata.Join(c.trailer, md) }
func (c *client) Send(b *httpbody.HttpBody) error { c.body.Write(b.GetData()); return nil }

func demo(t *testing.T) *client { return as(t, "demo", 1) }

func as(t *testing.T, tenant string, account uint32) *client {
	return &client{ctx: identity.Into(t.Context(), &identity.Identity{Tenant: tenant, Account: account})}
}

// members of the public body.
func (c *client) members(t *testing.T) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(c.body.Bytes(), &m); err != nil {
		t.Fatalf("%v in %s", err, c.body.String())
	}
	return m
}

// cached is what the answer says about the result cache.
func (c *client) cached() string { return strings.Join(c.header.Get(rpc.KeyCache), ",") }

// expect checks a fault by code, message and field.
func expect(t *testing.T, err error, code fault.Code, message, field string) *fault.Error {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) {
		t.Fatalf("got %v, want %s", err, code)
	}
	if f.Code != code || f.Message != message {
		t.Errorf("got %s %q, want %s %q", f.Code, f.Message, code, message)
	}
	if field != "" && (len(f.Fields) == 0 || f.Fields[0].Pointer != field) {
		t.Errorf("got fields %v, want %s", f.Fields, field)
	}
	return f
}
