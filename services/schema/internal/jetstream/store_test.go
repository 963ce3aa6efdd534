package jetstream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/libs/events/eventstest"
	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open starts a replica as the service does.
func open(t *testing.T, srv *eventstest.Server, most int) (*Store, *events.EpochWatch) {
	t.Helper()
	conn := srv.Connect("schema")
	epochs := events.NewEpochWatch(conn, 100)
	s := New(conn, epochs, slog.New(slog.DiscardHandler), most)
	eventstest.Run(t, epochs.Run)
	eventstest.Run(t, s.Run)
	return s, epochs
}

func ready(t *testing.T, s *Store) *Store {
	t.Helper()
	eventstest.Eventually(t, "the log is read", func() bool { return s.Check(t.Context()) == nil })
	return s
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Backend {
		srv := eventstest.Start(t)
		return func(t *testing.T) definition.Store {
			s, _ := open(t, srv, 10_000)
			return ready(t, s)
		}
	})
}

func up(description string) definition.Change {
	return definition.Change{Tenant: "acme", Author: "ann", Metric: &definition.Metric{Name: "up", Description: description}}
}

func TestWritesAnnounceTheEpoch(t *testing.T) {
	srv := eventstest.Start(t)
	s, _ := open(t, srv, 10)
	ready(t, s)
	watch := events.NewEpochWatch(srv.Connect("gateway"), 10)
	eventstest.Run(t, watch.Run)
	epoch, err := s.Put(t.Context(), up("one"))
	if err != nil {
		t.Fatal(err)
	}
	eventstest.Eventually(t, "the gateway hears of the epoch", func() bool { return watch.Epoch("acme") == epoch })
}

// silentEpochs is a process that ends between append and announcement.
type silentEpochs struct{}

func (silentEpochs) Epoch(string) uint64 { return 0 }
func (silentEpochs) Publish(context.Context, string, uint64) error {
	return errors.New("process ended")
}

func TestEpochIsHealedByAnotherReplica(t *testing.T) {
	srv := eventstest.Start(t)
	conn := srv.Connect("ends early")
	dying := New(conn, silentEpochs{}, slog.New(slog.DiscardHandler), 10)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- dying.Run(ctx) }()
	ready(t, dying)
	epoch, err := dying.Put(t.Context(), up("one"))
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	_, epochs := open(t, srv, 10)
	eventstest.Eventually(t, "the epoch is announced", func() bool { return epochs.Epoch("acme") == epoch })
}

func TestServerRestarts(t *testing.T) {
	srv := eventstest.Start(t)
	a, _ := open(t, srv, 10)
	b, epochs := open(t, srv, 10)
	ready(t, a)
	ready(t, b)
	if _, err := a.Put(t.Context(), up("before")); err != nil {
		t.Fatal(err)
	}
	srv.Stop()
	for _, description := range []string{"while away", "before"} {
		if _, err := a.Put(t.Context(), up(description)); fault.From(err).Code != fault.CodeUnavailable {
			t.Errorf("write %q without server: %v", description, err)
		}
	}
	if m, err := a.Metric(t.Context(), "acme", "up", 0); err != nil || m.Description != "before" {
		t.Errorf("read without server: %+v, %v", m, err)
	}
	srv.Resume()
	var epoch uint64
	eventstest.Eventually(t, "writes work again", func() bool {
		var err error
		epoch, err = a.Put(t.Context(), up("after"))
		return err == nil
	})
	eventstest.Eventually(t, "the other replica has it", func() bool {
		m, err := b.Metric(t.Context(), "acme", "up", epoch)
		return err == nil && m.Description == "after" && m.Version == 2
	})
	eventstest.Eventually(t, "the epoch is announced", func() bool { return epochs.Epoch("acme") == epoch })
}

func TestStartsWithoutServer(t *testing.T) {
	srv := eventstest.Start(t)
	srv.Stop()
	s, _ := open(t, srv, 10)
	if _, err := s.Metric(t.Context(), "acme", "up", 0); fault.From(err).Code != fault.CodeUnavailable {
		t.Errorf("read before the log was: %v", err)
	}
	if _, err := s.Put(t.Context(), up("x")); fault.From(err).Code != fault.CodeUnavailable {
		t.Errorf("write before the log was read: %v", err)
	}
	srv.Resume()
	ready(t, s)
}

func TestDefinitionsAreBounded(t *testing.T) {
	s, _ := open(t, eventstest.Start(t), 3)
	ready(t, s)
	c := up("one")
	c.Labels = []definition.Label{{Metric: "up", Name: "a"}, {Metric: "up", Name: "b"}}
	if _, err := s.Put(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	full := definition.Change{Tenant: "acme", Labels: []definition.Label{{Metric: "up", Name: "c"}}}
	if _, err := s.Put(t.Context(), full); fault.From(err).Code != fault.CodeQuotaExceeded {
		t.Errorf("one definition too many: %v", err)
	}
	if _, err := s.Put(t.Context(), up("changed")); err != nil {
		t.Errorf("a change of what is there: %v", err)
	}
	full.Tenant = "other"
	if _, err := s.Put(t.Context(), full); err != nil {
		t.Errorf("another tenant: %v", err)
	}
}

func TestReadDoesNotWaitForEver(t *testing.T) {
	s, _ := open(t, eventstest.Start(t), 3)
	ready(t, s)
	f, err := s.Lookup(t.Context(), "acme", []string{"up"}, 1<<62)
	if err != nil || f.Epoch != 0 {
		t.Errorf("lookup of an epoch that never comes: %+v, %v", f, err)
	}
}

func TestCallerGivesUp(t *testing.T) {
	s, _ := open(t, eventstest.Start(t), 3)
	ready(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Put(ctx, up("x")); err == nil {
		t.Error("a write succeeded for a caller who had left")
	}
}

func TestTenantsWriteSideBySide(t *testing.T) {
	s, _ := open(t, eventstest.Start(t), 1000)
	ready(t, s)
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			c := up(fmt.Sprint(i))
			c.Tenant = fmt.Sprint("t", i%20)
			if _, err := s.Put(t.Context(), c); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for i := range 20 {
		if m, err := s.Metric(t.Context(), fmt.Sprint("t", i), "up", 0); err != nil || m.Version != 2 {
			t.Errorf("tenant %d: %+v, %v", i, m, err)
		}
	}
}

func TestRecordsThatCannotBeReadAreSkipped(t *testing.T) {
	m := newModel()
	for i, r := range []events.Record{
		{Subject: "schema.acme.metrics", Data: []byte("no json")},
		{Subject: "schema.acme.metrics", Data: []byte(`{"v":99,"metric":{"name":"up"}}`)},
		{Subject: "schema.acme.strange", Data: []byte(`{"v":1,"metric":{"name":"up"}}`)},
		{Subject: "schema.=.x.metrics", Data: []byte(`{"v":1}`)},
	} {
		r.Sequence = uint64(i + 1)
		if _, err := m.apply(r); err == nil {
			t.Errorf("record %q of %s is read", r.Data, r.Subject)
		}
	}
	if m.applied != 4 || m.tenant("acme").epoch != 2 || len(m.tenant("acme").metrics) != 0 {
		t.Errorf("model %+v", m)
	}
	data, _ := encode(up("d"))
	if _, err := m.apply(events.Record{Sequence: 5, Subject: "schema.acme.metrics", Data: data, Time: time.Now()}); err != nil {
		t.Error(err)
	}
	if got := m.tenant("acme").metric("up").head; got.Version != 1 || got.Description != "d" {
		t.Errorf("head %+v", got)
	}
}

func TestVersionsAreBounded(t *testing.T) {
	m := newModel()
	const n = maxVersions + 50
	for i := range n {
		data, _ := encode(up(fmt.Sprint(i)))
		if _, err := m.apply(events.Record{Sequence: uint64(i + 1), Subject: "schema.acme.metrics", Data: data}); err != nil {
			t.Fatal(err)
		}
	}
	got := m.tenant("acme").metric("up").versions
	if len(got) != maxVersions || got[len(got)-1].Number != n {
		t.Errorf("%d versions, newest %d", len(got), got[len(got)-1].Number)
	}
}

func FuzzRecord(f *testing.F) {
	data, _ := encode(definition.Change{Author: "ann", Metric: &definition.Metric{Name: "up"},
		Labels: []definition.Label{{Metric: "up", Name: "job", AllowedValues: map[string]any{"a": 1.0}}}})
	f.Add(data)
	f.Add([]byte(`{"v":1,"labels":[{}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := decode(data)
		if err != nil {
			return
		}
		again, err := encode(c)
		if err != nil {
			t.Fatal(err)
		}
		d, err := decode(again)
		if err != nil || (c.Metric == nil) != (d.Metric == nil) || len(c.Labels) != len(d.Labels) {
			t.Fatalf("%+v became %+v, %v", c, d, err)
		}
		for i := range c.Labels {
			if !c.Labels[i].Same(d.Labels[i]) {
				t.Fatalf("label %+v became %+v", c.Labels[i], d.Labels[i])
			}
		}
	})
}
