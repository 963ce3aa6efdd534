package weaviate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/libs/events/eventstest"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition/storetest"
	"github.com/platformbuilds/mirador-core/services/schema/internal/weaviate/weaviatetest"
)

// shared is the server of the tests that do not kill it.
var shared struct {
	once   sync.Once
	server *weaviatetest.Server
	err    error
}

type suite struct{ *testing.M }

func (s suite) Run() int {
	defer func() {
		if shared.server != nil {
			shared.server.Close()
		}
	}()
	return s.M.Run()
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(suite{m}) }

func server(tb testing.TB) *weaviatetest.Server {
	tb.Helper()
	shared.once.Do(func() { shared.server, shared.err = weaviatetest.Open() })
	if errors.Is(shared.err, weaviatetest.ErrMissing) {
		tb.Skip("real component missing: weaviate-server")
	}
	if shared.err != nil {
		tb.Fatal(shared.err)
	}
	return shared.server
}

func configOf(s *weaviatetest.Server) Config {
	cfg := Defaults()
	cfg.Host, cfg.Port = "127.0.0.1", s.Port()
	return cfg
}

// begin starts a replica as the service does.
func begin(tb testing.TB, cfg Config, nats *eventstest.Server) (*Store, *events.EpochWatch) {
	tb.Helper()
	conn := nats.Connect("schema")
	watch := events.NewEpochWatch(conn, 10_000)
	s := New(cfg, conn, watch, slog.New(slog.DiscardHandler), 200_000)
	eventstest.Run(tb, watch.Run)
	eventstest.Run(tb, s.Run)
	return s, watch
}

func ready(tb testing.TB, s *Store) *Store {
	tb.Helper()
	eventually(tb, "the store is ready", func() bool { return s.CheckWeaviate(context.Background()) == nil })
	return s
}

// eventually polls with the patience that a starting Weaviate needs.
func eventually(tb testing.TB, what string, holds func() bool) {
	tb.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			tb.Fatalf("never happened: %s", what)
		}
	}
}

// tenants of one test: what others have stored in the same Weaviate is another
// tenant's.
type apart struct {
	definition.Store
	prefix string
}

var tests atomic.Int64

func newPrefix() string { return fmt.Sprint("t", tests.Add(1), ".") }

func (a apart) view(v definition.View) definition.View {
	v.Tenant = a.prefix + v.Tenant
	return v
}

func (a apart) Apply(ctx context.Context, b definition.Batch) (definition.Outcome, error) {
	if b.Tenant != "" {
		b.Tenant = a.prefix + b.Tenant
	}
	return a.Store.Apply(ctx, b)
}

func (a apart) Get(ctx context.Context, v definition.View, key definition.Key) (definition.Definition, error) {
	return a.Store.Get(ctx, a.view(v), key)
}

func (a apart) Versions(ctx context.Context, v definition.View, key definition.Key) ([]definition.Version, error) {
	return a.Store.Versions(ctx, a.view(v), key)
}

func (a apart) Version(ctx context.Context, v definition.View, key definition.Key, n int64) (definition.Past, error) {
	return a.Store.Version(ctx, a.view(v), key, n)
}

func (a apart) List(ctx context.Context, v definition.View, s definition.Selection) (definition.Page, error) {
	return a.Store.List(ctx, a.view(v), s)
}

func (a apart) Search(ctx context.Context, v definition.View, q definition.Query) ([]definition.Hit, error) {
	return a.Store.Search(ctx, a.view(v), q)
}

func (a apart) Lookup(ctx context.Context, v definition.View, metrics []string) (definition.Found, error) {
	return a.Store.Lookup(ctx, a.view(v), metrics)
}

func TestConformance(t *testing.T) {
	cfg := configOf(server(t))
	storetest.Run(t, func(t *testing.T) storetest.Backend {
		nats, prefix := eventstest.Start(t), newPrefix()
		return func(t *testing.T) definition.Store {
			s, _ := begin(t, cfg, nats)
			return apart{ready(t, s), prefix}
		}
	})
}
