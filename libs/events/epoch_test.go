package events_test

import (
	"sync"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/libs/events/eventstest"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

func epochWatch(t *testing.T, c *events.Conn) *events.EpochWatch {
	t.Helper()
	w := events.NewEpochWatch(c, 10)
	eventstest.Run(t, w.Run)
	if err := w.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestEpochReachesEveryReplica(t *testing.T) {
	srv := eventstest.Start(t)
	writer, reader := epochWatch(t, srv.Connect("schema")), epochWatch(t, srv.Connect("gateway"))
	if err := writer.Publish(t.Context(), "acme.x", 7); err != nil {
		t.Fatal(err)
	}
	if got := writer.Epoch("acme.x"); got != 7 {
		t.Errorf("the writer itself sees %d", got)
	}
	eventstest.Eventually(t, "the reader sees it", func() bool { return reader.Epoch("acme.x") == 7 })
	if got := reader.Epoch("acme"); got != 0 {
		t.Errorf("another tenant has %d", got)
	}
	if reader.Age() > time.Minute || reader.Check(time.Minute)(t.Context()) != nil {
		t.Errorf("age %s", reader.Age())
	}
}

func TestEpochOnlyGrows(t *testing.T) {
	srv := eventstest.Start(t)
	a, b := epochWatch(t, srv.Connect("a")), epochWatch(t, srv.Connect("b"))
	var wg sync.WaitGroup
	for n := uint64(1); n <= 20; n++ {
		for _, w := range []*events.EpochWatch{a, b} {
			wg.Go(func() {
				if err := w.Publish(t.Context(), "acme", n); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	fresh := epochWatch(t, srv.Connect("c"))
	if got := fresh.Epoch("acme"); got != 20 {
		t.Errorf("epoch %d, want 20", got)
	}
}

func TestRaise(t *testing.T) {
	w := epochWatch(t, eventstest.Start(t).Connect("gateway"))
	w.Raise("acme", 5)
	w.Raise("acme", 3)
	if got := w.Epoch("acme"); got != 5 {
		t.Errorf("epoch %d, want 5", got)
	}
	if err := w.Publish(t.Context(), "acme", 9); err != nil {
		t.Fatal(err)
	}
	w.Raise("other", 1)
	if a, o := w.Epoch("acme"), w.Epoch("other"); a != 9 || o != 1 {
		t.Errorf("epochs %d and %d, want 9 and 1", a, o)
	}
}

func TestPublishEpochWithoutServer(t *testing.T) {
	srv := eventstest.Start(t)
	w := epochWatch(t, srv.Connect("schema"))
	srv.Stop()
	if err := w.Publish(t.Context(), "acme", 1); fault.From(err).Code != fault.CodeUnavailable {
		t.Errorf("publish without server: %v", err)
	}
}
