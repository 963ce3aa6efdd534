package weaviate

import (
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/events/eventstest"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
	"github.com/platformbuilds/mirador-core/services/schema/internal/jetstream"
	"github.com/platformbuilds/mirador-core/services/schema/internal/weaviate/weaviatetest"
)

// loseIndexes kills the server and brings it back with its objects, but
// without what finds them by their key.
func loseIndexes(t *testing.T, srv *weaviatetest.Server) {
	t.Helper()
	srv.Kill()
	for _, class := range []string{"Metric", "MetricVersion"} {
		if err := srv.WipeIndex(class, "order"); err != nil {
			t.Fatal(err)
		}
	}
	if err := srv.Resume(); err != nil {
		t.Fatal(err)
	}
}

// What Weaviate has lost of its indexes comes back only with objects that are
// unlike those it has stored: this is why there are attempts.
func TestEqualObjectsDoNotHealIndexes(t *testing.T) {
	srv := weaviatetest.Start(t)
	s := &Store{client: newClient(configOf(srv))}
	t.Cleanup(s.client.close)
	if err := s.client.create(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	one := jetstream.Made{Definition: definition.Definition{Key: up(), Version: 1, UpdatedAt: time.Now()}, Sequence: 1}
	put := func(anew bool) {
		t.Helper()
		w := write{items: []item{{"acme", &one, false}, {"acme", &one, true}}, anew: anew}
		if err := w.write(t.Context(), s.client, encoder{}); err != nil {
			t.Fatal(err)
		}
	}
	put(false)
	checkFound(t, s, "acme", up(), 1)
	loseIndexes(t, srv)
	if p, err := s.past(t.Context(), "acme", up(), 1); err != nil || p.Number != 1 {
		t.Errorf("by its id, the version reads %+v, %v", p, err)
	}
	checkFound(t, s, "acme", up(), 0)
	put(false)
	checkFound(t, s, "acme", up(), 0)
	put(true)
	checkFound(t, s, "acme", up(), 1)
	put(true)
	checkFound(t, s, "acme", up(), 1)
	put(false)
	checkFound(t, s, "acme", up(), 1)
}

// Records that were acknowledged before Weaviate went away are projected again
// as well, before the service counts as usable.
func TestLostIndexesAreHealed(t *testing.T) {
	srv, nats := weaviatetest.Start(t), eventstest.Start(t)
	s, _ := begin(t, configOf(srv), nats)
	ready(t, s)
	until(t, s, says("one"))
	until(t, s, says("two"))
	srv.Kill()
	eventually(t, "the outage is noticed", func() bool { return s.projector.usable() != nil })
	loseIndexes(t, srv)
	ready(t, s)
	checkFound(t, s, "acme", up(), 2)
	checkHeads(t, s, "acme", says("two").Changes, 2)
	checkHistory(t, s, "acme", up(), []string{"one", "two"})
}
