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
	"github.com/platformbuilds/mirador-core/services/schema/internal/changelog"
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

func upKey() definition.Key { return definition.Key{Kind: definition.Metric, Name: "up"} }

func acme() definition.View { return definition.View{Tenant: "acme"} }

func up(description string) definition.Batch {
	return definition.Batch{Tenant: "acme", Author: "ann", Changes: []definition.Change{
		{Key: upKey(), Content: definition.Content{Description: description}}}}
}

func label(name string) definition.Change {
	return definition.Change{Key: definition.Key{Kind: definition.Label, Parent: "up", Name: name}}
}

// put gives the epoch.
func put(ctx context.Context, s *Store, b definition.Batch) (uint64, error) {
	out, err := s.Apply(ctx, b)
	return out.Epoch, err
}

func TestWritesAnnounceTheEpoch(t *testing.T) {
	srv := eventstest.Start(t)
	s, _ := open(t, srv, 10)
	ready(t, s)
	watch := events.NewEpochWatch(srv.Connect("gateway"), 10)
	eventstest.Run(t, watch.Run)
	epoch, err := put(t.Context(), s, up("one"))
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
	epoch, err := put(t.Context(), dying, up("one"))
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
	if _, err := put(t.Context(), a, up("before")); err != nil {
		t.Fatal(err)
	}
	srv.Stop()
	for _, description := range []string{"while away", "before"} {
		if _, err := put(t.Context(), a, up(description)); fault.From(err).Code != fault.CodeUnavailable {
			t.Errorf("write %q without server: %v", description, err)
		}
	}
	if m, err := a.Get(t.Context(), acme(), upKey()); err != nil || m.Description != "before" {
		t.Errorf("read without server: %+v, %v", m, err)
	}
	srv.Resume()
	var epoch uint64
	eventstest.Eventually(t, "writes work again", func() bool {
		var err error
		epoch, err = put(t.Context(), a, up("after"))
		return err == nil
	})
	eventstest.Eventually(t, "the other replica has it", func() bool {
		m, err := b.Get(t.Context(), definition.View{Tenant: "acme", MinEpoch: epoch}, upKey())
		return err == nil && m.Description == "after" && m.Version == 2
	})
	eventstest.Eventually(t, "the epoch is announced", func() bool { return epochs.Epoch("acme") == epoch })
}

func TestStartsWithoutServer(t *testing.T) {
	srv := eventstest.Start(t)
	srv.Stop()
	s, _ := open(t, srv, 10)
	if _, err := s.Get(t.Context(), acme(), upKey()); fault.From(err).Code != fault.CodeUnavailable {
		t.Errorf("read before the log was: %v", err)
	}
	if _, err := put(t.Context(), s, up("x")); fault.From(err).Code != fault.CodeUnavailable {
		t.Errorf("write before the log was read: %v", err)
	}
	srv.Resume()
	ready(t, s)
}

func TestDefinitionsAreBounded(t *testing.T) {
	s, _ := open(t, eventstest.Start(t), 3)
	ready(t, s)
	c := up("one")
	c.Changes = append(c.Changes, label("a"), label("b"))
	if _, err := put(t.Context(), s, c); err != nil {
		t.Fatal(err)
	}
	full := definition.Batch{Tenant: "acme", Changes: []definition.Change{label("c")}}
	if _, err := put(t.Context(), s, full); fault.From(err).Code != fault.CodeQuotaExceeded {
		t.Errorf("one definition too many: %v", err)
	}
	if _, err := put(t.Context(), s, up("changed")); err != nil {
		t.Errorf("a change of what is there: %v", err)
	}
	gone := definition.Batch{Tenant: "acme", Changes: []definition.Change{{Key: upKey(), Delete: true}}}
	if _, err := put(t.Context(), s, gone); err != nil {
		t.Fatal(err)
	}
	if _, err := put(t.Context(), s, full); fault.From(err).Code != fault.CodeQuotaExceeded {
		t.Errorf("a deleted definition made room although its history is kept: %v", err)
	}
	full.Tenant = "other"
	if _, err := put(t.Context(), s, full); err != nil {
		t.Errorf("another tenant: %v", err)
	}
}

func TestReadDoesNotWaitForEver(t *testing.T) {
	s, _ := open(t, eventstest.Start(t), 3)
	ready(t, s)
	f, err := s.Lookup(t.Context(), definition.View{Tenant: "acme", MinEpoch: 1 << 62}, []string{"up"})
	if err != nil || f.Epoch != 0 {
		t.Errorf("lookup of an epoch that never comes: %+v, %v", f, err)
	}
}

func TestCallerGivesUp(t *testing.T) {
	s, _ := open(t, eventstest.Start(t), 3)
	ready(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := put(ctx, s, up("x")); err == nil {
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
			if _, err := put(t.Context(), s, c); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for i := range 20 {
		if m, err := s.Get(t.Context(), definition.View{Tenant: fmt.Sprint("t", i)}, upKey()); err != nil || m.Version != 2 {
			t.Errorf("tenant %d: %+v, %v", i, m, err)
		}
	}
}

func encoded(t *testing.T, b definition.Batch) []byte {
	t.Helper()
	data, err := changelog.Encode(b)
	if err != nil {
		t.Fatal(err)
	}
	return data
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
	if a := m.tenant("acme"); m.applied != 4 || a.epoch != 2 || a.last["metrics"] != 2 || a.count != 0 {
		t.Errorf("model %+v", m)
	}
	if _, err := m.apply(events.Record{Sequence: 5, Subject: "schema.acme.metrics", Data: encoded(t, up("d")), Time: time.Now()}); err != nil {
		t.Error(err)
	}
	if got := m.tenant("acme").head(upKey()); got.Version != 1 || got.Description != "d" {
		t.Errorf("head %+v", got)
	}
}

// Records of the first version are followed by others of the same keys.
func TestOldRecordsStillFold(t *testing.T) {
	m := newModel()
	for i, data := range [][]byte{
		[]byte(`{"v":1,"author":"ann","metric":{"name":"up","description":"one"},"labels":[{"metric":"up","name":"job"}]}`),
		[]byte(`{"v":1,"author":"ann","metric":{"name":"up","description":"one"},"labels":[{"metric":"up","name":"job","type":"x"}]}`),
		encoded(t, up("one")),
		encoded(t, up("two")),
	} {
		if _, err := m.apply(events.Record{Sequence: uint64(i + 1), Subject: "schema.acme.metrics", Data: data}); err != nil {
			t.Fatal(err)
		}
	}
	if got := m.tenant("acme").head(upKey()); got.Version != 2 || got.Description != "two" {
		t.Errorf("head %+v", got)
	}
	if got := m.tenant("acme").head(label("job").Key); got.Version != 2 || got.Type != "x" {
		t.Errorf("label %+v", got)
	}
}

func TestVersionsAreBounded(t *testing.T) {
	m := newModel()
	const n = maxVersions + 50
	for i := range n {
		r := events.Record{Sequence: uint64(i + 1), Subject: "schema.acme.metrics", Data: encoded(t, up(fmt.Sprint(i)))}
		if _, err := m.apply(r); err != nil {
			t.Fatal(err)
		}
	}
	e := m.tenant("acme").entry(upKey())
	if got := e.versions; len(got) != maxVersions || got[len(got)-1].Number != n {
		t.Errorf("%d versions, newest %d", len(got), got[len(got)-1].Number)
	}
	if e.version(50).Number != 0 || e.version(51).Number != 51 || e.version(n).Number != n || e.version(n+1).Number != 0 {
		t.Error("a version is found under another number")
	}
}
