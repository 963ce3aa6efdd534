package weaviate

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/platformbuilds/mirador-core/libs/events"
	"github.com/platformbuilds/mirador-core/libs/events/eventstest"
	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
	"github.com/platformbuilds/mirador-core/services/schema/internal/jetstream"
	"github.com/platformbuilds/mirador-core/services/schema/internal/weaviate/weaviatetest"
)

func acme() definition.View { return definition.View{Tenant: "acme"} }

func up() definition.Key { return definition.Key{Kind: definition.Metric, Name: "up"} }

func says(text string) definition.Batch {
	return definition.Batch{Tenant: "acme", Author: "ann", Changes: []definition.Change{
		{Key: up(), Content: definition.Content{Description: text}}}}
}

// unavailable wants 503 for everything that needs Weaviate.
func unavailable(t *testing.T, s *Store) {
	t.Helper()
	_, applied := s.Apply(t.Context(), says("lost"))
	_, got := s.Get(t.Context(), acme(), up())
	_, listed := s.List(t.Context(), acme(), definition.Selection{Kind: definition.Metric, Limit: 1})
	_, found := s.Search(t.Context(), acme(), definition.Query{Text: "up", Limit: 1})
	_, looked := s.Lookup(t.Context(), acme(), []string{"up"})
	_, versions := s.Versions(t.Context(), acme(), up())
	_, version := s.Version(t.Context(), acme(), up(), 1)
	for i, err := range []error{applied, got, listed, found, looked, versions, version, s.CheckWeaviate(t.Context())} {
		if f := fault.From(err); f == nil || f.Code != fault.CodeUnavailable {
			t.Errorf("operation %d without Weaviate: %v", i, err)
		}
	}
}

func TestStartsWithoutWeaviate(t *testing.T) {
	srv, nats := weaviatetest.Start(t), eventstest.Start(t)
	srv.Kill()
	s, _ := begin(t, configOf(srv), nats)
	eventually(t, "the log is read", func() bool { return s.Check(t.Context()) == nil })
	unavailable(t, s)
	if err := srv.Resume(); err != nil {
		t.Fatal(err)
	}
	ready(t, s)
	if out, err := s.Apply(t.Context(), says("one")); err != nil || out.Applied[0].Version != 1 {
		t.Errorf("first write: %+v, %v", out, err)
	}
	srv.Kill()
	eventually(t, "the outage is noticed", func() bool { return s.projector.usable() != nil })
	unavailable(t, s)
	// A Weaviate that has lost everything gets it back.
	srv.Wipe()
	if err := srv.Resume(); err != nil {
		t.Fatal(err)
	}
	ready(t, s)
	checkHistory(t, s, "acme", up(), []string{"one"})
	checkHeads(t, s, "acme", says("one").Changes, 1)
}

// onlyLog writes to the log like a replica that ends before it projects.
func onlyLog(t *testing.T, nats *eventstest.Server, b definition.Batch) {
	t.Helper()
	conn := nats.Connect("ends early")
	s := jetstream.New(conn, events.NewEpochWatch(conn, 10), slog.New(slog.DiscardHandler), 100)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	eventstest.Eventually(t, "the log is read", func() bool { return s.Check(ctx) == nil })
	if _, err := s.Apply(ctx, b); err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestProjectionIsRedone(t *testing.T) {
	cfg, nats, tenant := configOf(server(t)), eventstest.Start(t), newPrefix()
	first, second := says("before the start"), says("beside another replica")
	first.Tenant, second.Tenant = tenant, tenant
	onlyLog(t, nats, first)
	s, watch := begin(t, cfg, nats)
	ready(t, s)
	checkHistory(t, s, tenant, up(), []string{"before the start"})
	checkHeads(t, s, tenant, first.Changes, 1)
	onlyLog(t, nats, second)
	if err := s.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	checkHistory(t, s, tenant, up(), []string{"before the start", "beside another replica"})
	checkHeads(t, s, tenant, second.Changes, 2)
	eventually(t, "the epoch is announced", func() bool { return watch.Epoch(tenant) == 2 })
}

func TestPositionIsKept(t *testing.T) {
	s, _ := begin(t, configOf(server(t)), eventstest.Start(t))
	ready(t, s)
	for _, want := range []uint64{7, 9, 1 << 60} {
		if err := s.client.savePosition(t.Context(), "a birth", want); err != nil {
			t.Fatal(err)
		}
		if got, err := s.client.loadPosition(t.Context(), "a birth"); err != nil || got != want {
			t.Errorf("position %d, %v; want %d", got, err, want)
		}
	}
	if got, err := s.client.loadPosition(t.Context(), "another birth"); err != nil || got != 0 {
		t.Errorf("position of an unknown log %d, %v", got, err)
	}
}

// A head that a slow replica left is not what is read, and does not stay.
func TestOlderHeadIsMended(t *testing.T) {
	s, _ := begin(t, configOf(server(t)), eventstest.Start(t))
	ready(t, s)
	b := says("one")
	b.Tenant = newPrefix()
	out, err := s.Apply(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	old := jetstream.Made{Definition: out.Applied[0].Definition}
	old.Description, old.UpdatedAt = "old", s.projector.now()
	b.Changes[0].Content.Description = "two"
	if _, err := s.Apply(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	w := write{items: []item{{b.Tenant, &old, true}}}
	if err := w.write(t.Context(), s.client, encoder{}); err != nil {
		t.Fatal(err)
	}
	checkHeads(t, s, b.Tenant, b.Changes, 2)
	eventually(t, "the head is mended", func() bool {
		var p properties
		err := s.client.get(t.Context(), "Metric", headID(b.Tenant, up()), &p)
		return err == nil && p.Version == 2 && p.Definition == "two"
	})
}

func TestCallerGivesUp(t *testing.T) {
	s, _ := begin(t, configOf(server(t)), eventstest.Start(t))
	ready(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Apply(ctx, says("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("a write of a caller who had left: %v", err)
	}
	if _, err := s.Get(ctx, acme(), up()); !errors.Is(err, context.Canceled) {
		t.Errorf("a read of a caller who had left: %v", err)
	}
}
