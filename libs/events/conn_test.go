package events_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"google.golang.org/protobuf/proto"

	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/libs/events/eventstest"
	"github.com/platformbuilds/mirador-core/libs/fault"
	eventv1 "github.com/platformbuilds/mirador-core/proto/gen/event/v1"
)

func envelope(id, tenant string) *eventv1.Envelope {
	return &eventv1.Envelope{Id: id, Tenant: tenant, Kind: string(events.Alerts), Key: "k.1", SchemaVersion: 1}
}

// inbox collects the ids of events.
type inbox struct {
	mu  sync.Mutex
	ids []string
}

func (i *inbox) take(e *eventv1.Envelope) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.ids = append(i.ids, e.GetId())
}

func (i *inbox) text() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return strings.Join(i.ids, " ")
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func TestPublishReachesOnlyItsTenant(t *testing.T) {
	srv := eventstest.Start(t)
	c := srv.Connect("test")
	var mine, other inbox
	for tenant, box := range map[string]*inbox{"acme": &mine, "acme-corp": &other} {
		if _, err := c.Subscribe(events.Filter{Tenant: tenant}, box.take); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range []*eventv1.Envelope{envelope("1", "acme"), envelope("2", "acme-corp"), envelope("3", "acme")} {
		if err := c.Publish(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	eventstest.Eventually(t, "both tenants have theirs", func() bool {
		return mine.text() == "1 3" && other.text() == "2"
	})
}

func TestForgedEventsAreDroppedAndCounted(t *testing.T) {
	srv := eventstest.Start(t)
	reg := prometheus.NewRegistry()
	c, err := events.Connect(srv.Config(), "test", quiet(), reg)
	if err != nil {
		t.Fatal(err)
	}
	defer closeConn(t, c)
	var box inbox
	if _, err := c.Subscribe(events.Filter{Tenant: "acme"}, box.take); err != nil {
		t.Fatal(err)
	}
	raw, err := nats.Connect(srv.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	foreign, _ := proto.Marshal(envelope("foreign", "evil"))
	wrongKey, _ := proto.Marshal(&eventv1.Envelope{Id: "x", Tenant: "acme", Kind: "alerts", Key: "other"})
	for _, body := range [][]byte{foreign, wrongKey, []byte("\xff\xff")} {
		if err := raw.Publish("mirador.v1.acme.alerts.k=2E1", body); err != nil {
			t.Fatal(err)
		}
	}
	if err := raw.Flush(); err != nil {
		t.Fatal(err)
	}
	eventstest.Eventually(t, "true event arrives", func() bool {
		return c.Publish(t.Context(), envelope("true", "acme")) == nil && strings.HasPrefix(box.text(), "true")
	})
	if strings.Contains(box.text(), "foreign") || strings.Contains(box.text(), "x") {
		t.Errorf("forged events were handed out: %s", box.text())
	}
	want := `# HELP mirador_events_dropped_total Messages dropped, by reason.
# TYPE mirador_events_dropped_total counter
mirador_events_dropped_total{reason="malformed"} 2
mirador_events_dropped_total{reason="tenant_mismatch"} 1
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "mirador_events_dropped_total"); err != nil {
		t.Error(err)
	}
}

func closeConn(t *testing.T, c *events.Conn) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := c.Close(ctx); err != nil {
		t.Error(err)
	}
}

func TestStoreDropsDoubles(t *testing.T) {
	srv := eventstest.Start(t)
	c := srv.Connect("test")
	if _, err := c.Store(t.Context(), envelope("1", "acme")); fault.From(err).Code != fault.CodeUnavailable {
		t.Errorf("without a stream: %v", err)
	}
	_, err := c.JetStream().CreateStream(t.Context(), jetstream.StreamConfig{Name: "E", Subjects: []string{"mirador.v1.*.alerts.*"}})
	if err != nil {
		t.Fatal(err)
	}
	var got [3]uint64
	for i, id := range []string{"1", "1", "2"} {
		if got[i], err = c.Store(t.Context(), envelope(id, "acme")); err != nil {
			t.Fatal(err)
		}
	}
	if got != [3]uint64{1, 1, 2} {
		t.Errorf("sequences %v, want 1 1 2", got)
	}
}

func TestPublishRefuses(t *testing.T) {
	srv := eventstest.Start(t)
	c := srv.Connect("test")
	for _, e := range []*eventv1.Envelope{envelope("", "acme"), envelope("1", ""), {Id: "1", Tenant: "a", Kind: "gossip"}} {
		if err := c.Publish(t.Context(), e); err == nil {
			t.Errorf("published %v", e)
		}
		if _, err := c.Store(t.Context(), e); err == nil {
			t.Errorf("stored %v", e)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Publish(ctx, envelope("1", "acme")); !errors.Is(err, context.Canceled) {
		t.Errorf("after cancel: %v", err)
	}
}

func TestSlowConsumerIsCutAndCounted(t *testing.T) {
	srv := eventstest.Start(t)
	cfg := srv.Config()
	cfg.PendingMessages = 4
	reg := prometheus.NewRegistry()
	c, err := events.Connect(cfg, "test", quiet(), reg)
	if err != nil {
		t.Fatal(err)
	}
	defer closeConn(t, c)
	release := make(chan struct{})
	sub, err := c.Subscribe(events.Filter{Tenant: "acme"}, func(*eventv1.Envelope) { <-release })
	if err != nil {
		t.Fatal(err)
	}
	defer close(release)
	eventstest.Eventually(t, "messages are dropped", func() bool {
		if err := c.Publish(t.Context(), envelope("1", "acme")); err != nil {
			t.Fatal(err)
		}
		n, err := sub.Dropped()
		return err == nil && n > 0 && testutil.CollectAndCount(reg, "mirador_events_dropped_total") == 1
	})
}

func TestWithoutServer(t *testing.T) {
	srv := eventstest.Start(t)
	srv.Stop()
	c := srv.Connect("test")
	if err := c.Publish(t.Context(), envelope("1", "acme")); fault.From(err).Code != fault.CodeUnavailable {
		t.Errorf("publish without server: %v", err)
	}
	if _, err := c.Store(t.Context(), envelope("1", "acme")); fault.From(err).Code != fault.CodeUnavailable {
		t.Errorf("store without server: %v", err)
	}
	if c.Check(t.Context()) == nil {
		t.Error("ready without server")
	}
	var box inbox
	if _, err := c.Subscribe(events.Filter{Tenant: "acme"}, box.take); err != nil {
		t.Fatal(err)
	}
	srv.Resume()
	eventstest.Eventually(t, "heals", func() bool {
		return c.Check(t.Context()) == nil && c.Publish(t.Context(), envelope("1", "acme")) == nil && box.text() != ""
	})
}

func TestCloseHandsOutWhatArrived(t *testing.T) {
	srv := eventstest.Start(t)
	c, err := events.Connect(srv.Config(), "test", quiet(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var box inbox
	gate := make(chan struct{})
	_, err = c.Subscribe(events.Filter{}, func(e *eventv1.Envelope) { <-gate; box.take(e) })
	if err != nil {
		t.Fatal(err)
	}
	sender := srv.Connect("sender")
	for range 20 {
		if err := sender.Publish(t.Context(), envelope("1", "acme")); err != nil {
			t.Fatal(err)
		}
	}
	if err := sender.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	close(gate)
	closeConn(t, c)
	if n := len(strings.Fields(box.text())); n != 20 {
		t.Errorf("%d of 20 events were handed out", n)
	}
	closeConn(t, c)
}

func TestConfigNamesEveryFault(t *testing.T) {
	err := events.Config{}.Validate()
	for _, key := range []string{"urls", "timeout", "replicas", "pending_messages"} {
		if err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%v does not name %s", err, key)
		}
	}
	if err := events.Defaults().Validate(); err != nil {
		t.Error(err)
	}
	if _, err := events.Connect(events.Config{}, "x", quiet(), nil); err == nil {
		t.Error("connected with an empty configuration")
	}
}
