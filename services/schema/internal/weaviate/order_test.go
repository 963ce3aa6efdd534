package weaviate

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/platformbuilds/mirador-core/libs/events/eventstest"
)

// gate holds batches of objects back until it is opened.
type gate struct {
	http.RoundTripper
	once         sync.Once
	held, opened chan struct{}
}

func (g *gate) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/batch/objects") {
		g.once.Do(func() { close(g.held) })
		<-g.opened
	}
	return g.RoundTripper.RoundTrip(r)
}

// A slow replica writes a head over the newer one of another replica. It must
// not leave it there, although the other one has told that all is done.
func TestSlowReplicaDoesNotLeaveAnOlderHead(t *testing.T) {
	cfg, nats := configOf(server(t)), eventstest.Start(t)
	slow, _ := begin(t, cfg, nats)
	fast, _ := begin(t, cfg, nats)
	ready(t, slow)
	ready(t, fast)
	g := &gate{RoundTripper: slow.client.http.Transport, held: make(chan struct{}), opened: make(chan struct{})}
	slow.client.http.Transport = g
	one, two := says("one"), says("two")
	one.Tenant = newPrefix()
	two.Tenant = one.Tenant
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := slow.Apply(t.Context(), one); err != nil {
			t.Error(err)
		}
	})
	<-g.held
	if out, err := fast.Apply(t.Context(), two); err != nil || out.Applied[0].Version != 2 {
		t.Errorf("outcome %+v, %v", out, err)
	}
	eventually(t, "the slow replica is told", func() bool {
		h := slow.projector.hints
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.upTo >= 2
	})
	close(g.opened)
	wg.Wait()
	eventually(t, "the slow replica has done all", func() bool { return slow.projector.projected() >= 2 })
	var p properties
	if err := fast.client.get(t.Context(), "Metric", headID(one.Tenant, up()), &p); err != nil || p.Version != 2 {
		t.Errorf("Weaviate holds version %d, %v; want 2", p.Version, err)
	}
	checkHistory(t, slow, one.Tenant, up(), []string{"one", "two"})
}

// A replica that starts writes everything again. Meanwhile nobody may see less
// than before.
func TestReplayTakesNothingBack(t *testing.T) {
	cfg, nats := configOf(server(t)), eventstest.Start(t)
	s, _ := begin(t, cfg, nats)
	ready(t, s)
	tenant := newPrefix()
	for _, text := range []string{"one", "two", "three"} {
		b := says(text)
		b.Tenant = tenant
		if _, err := s.Apply(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	again := &session{projector: s.projector}
	for done := range uint64(3) {
		again.done = done
		w, err := again.collect(t.Context(), done+1)
		if err != nil || len(w.items) != 2 || w.last != done+1 {
			t.Fatalf("record %d makes %+v, %v", done+1, w, err)
		}
		for _, it := range w.items {
			if want := int64(done + 1); !it.head && it.made.Version != want || it.head && (it.made.Version != 3 || it.made.Author != "ann") {
				t.Errorf("record %d writes %+v as head: %t", want, it.made, it.head)
			}
		}
	}
}
