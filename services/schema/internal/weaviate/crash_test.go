package weaviate

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/events/eventstest"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
	"github.com/platformbuilds/mirador-core/services/schema/internal/weaviate/weaviatetest"
)

// trigger kills the server while it works on a batch of objects.
type trigger struct {
	http.RoundTripper
	left   atomic.Int32
	killed chan struct{}
}

// arm makes the store's n-th batch from now on the server's last.
func arm(s *Store, n int32) *trigger {
	t := &trigger{RoundTripper: s.client.http.Transport, killed: make(chan struct{})}
	t.left.Store(n)
	s.client.http.Transport = t
	return t
}

func (t *trigger) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/batch/objects") && t.left.Add(-1) == 0 {
		close(t.killed)
	}
	return t.RoundTripper.RoundTrip(r)
}

// restart kills the server when the trigger says so, and brings it back.
func (t *trigger) restart(tb testing.TB, srv *weaviatetest.Server) {
	tb.Helper()
	select {
	case <-t.killed:
	case <-time.After(time.Minute):
		tb.Error("the server was never killed")
		return
	}
	srv.Kill()
	if err := srv.Resume(); err != nil {
		tb.Error(err)
	}
}

// until sends a batch until it is acknowledged.
func until(tb testing.TB, s *Store, b definition.Batch) definition.Outcome {
	tb.Helper()
	var out definition.Outcome
	eventually(tb, "the batch is acknowledged", func() bool {
		var err error
		out, err = s.Apply(tb.Context(), b)
		return err == nil
	})
	return out
}

// checkHistory wants the versions 1..n with the contents that were said.
func checkHistory(t *testing.T, s *Store, tenant string, key definition.Key, said []string) {
	t.Helper()
	v := definition.View{Tenant: tenant}
	list, err := s.Versions(t.Context(), v, key)
	if err != nil || len(list) != len(said) {
		t.Errorf("%s has %d versions, %v; want %d", key.Name, len(list), err, len(said))
		return
	}
	for i, entry := range list {
		number := int64(len(said) - i)
		p, err := s.Version(t.Context(), v, key, number)
		if err != nil || p.Description != said[number-1] || p.Version != entry || entry.Number != number {
			t.Errorf("%s version %d says %+v, %v; listed as %+v; want %q", key.Name, number, p, err, entry, said[number-1])
		}
	}
	if d, err := s.Get(t.Context(), v, key); err != nil || d.Version != int64(len(said)) || d.Description != said[len(said)-1] {
		t.Errorf("%s reads %+v, %v", key.Name, d, err)
	}
}

// checkHeads wants a list of exactly the rows, which only Weaviate knows.
func checkHeads(t *testing.T, s *Store, tenant string, rows []definition.Change, version int64) {
	t.Helper()
	var got []definition.Definition
	sel := definition.Selection{Kind: rows[0].Key.Kind, Limit: 1000}
	for more := true; more; {
		p, err := s.List(t.Context(), definition.View{Tenant: tenant}, sel)
		if err != nil {
			t.Fatal(err)
		}
		got, more = append(got, p.Definitions...), p.More
		if more {
			sel.After = &got[len(got)-1].Key
		}
	}
	if len(got) != len(rows) {
		t.Fatalf("%d rows listed, want %d", len(got), len(rows))
	}
	for i, d := range got {
		if d.Key != rows[i].Key || d.Version != version || !d.Same(rows[i].Content) {
			t.Errorf("row %d is %+v, want %+v as version %d", i, d, rows[i], version)
		}
	}
}

// checkFound wants the versions 1..n from Weaviate's indexes alone, once each.
func checkFound(t *testing.T, s *Store, tenant string, key definition.Key, n int64) {
	t.Helper()
	list, err := s.listed(t.Context(), tenant, key, definition.Definition{Version: 1})
	if err != nil || int64(len(list)) != n {
		t.Errorf("%s: %d versions are found, %v; want %d", key.Name, len(list), err, n)
	}
}

func TestKilledInTheMiddleOfABulk(t *testing.T) {
	srv, nats := weaviatetest.Start(t), eventstest.Start(t)
	s, _ := begin(t, configOf(srv), nats)
	ready(t, s)
	rows := bulk(5000, "")
	kill := arm(s, 4)
	var wg sync.WaitGroup
	wg.Go(func() { kill.restart(t, srv) })
	for _, b := range definition.Split("acme", "ann", rows) {
		until(t, s, b)
	}
	wg.Wait()
	ready(t, s)
	checkHeads(t, s, "acme", rows, 1)
	next := make(chan definition.Change)
	for range 8 {
		wg.Go(func() {
			for c := range next {
				checkHistory(t, s, "acme", c.Key, []string{c.Content.Description})
				checkFound(t, s, "acme", c.Key, 1)
			}
		})
	}
	for _, c := range rows {
		next <- c
	}
	close(next)
	wg.Wait()
}

func TestKilledInTheMiddleOfSingleUpserts(t *testing.T) {
	const keys, versions = 8, 25
	srv, nats := weaviatetest.Start(t), eventstest.Start(t)
	a, _ := begin(t, configOf(srv), nats)
	b, _ := begin(t, configOf(srv), nats)
	replicas := []*Store{ready(t, a), ready(t, b)}
	kill := arm(a, 6)
	var wg sync.WaitGroup
	wg.Go(func() { kill.restart(t, srv) })
	said := make([][]string, keys)
	rows := bulk(keys, "")
	for i := range keys {
		wg.Go(func() {
			for n := range versions {
				c := rows[i]
				c.Content.Description = fmt.Sprint("text ", n)
				out := until(t, replicas[n%2], definition.Batch{Tenant: "acme", Author: "ann", Changes: []definition.Change{c}})
				if got := out.Applied[0].Version; got != int64(n+1) {
					t.Errorf("key %d: change %d is version %d", i, n+1, got)
				}
				said[i] = append(said[i], c.Content.Description)
			}
		})
	}
	wg.Wait()
	for _, s := range replicas {
		if err := ready(t, s).Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		for i, c := range rows {
			checkHistory(t, s, "acme", c.Key, said[i])
			checkFound(t, s, "acme", c.Key, versions)
			rows[i].Content.Description = said[i][versions-1]
		}
		checkHeads(t, s, "acme", slices.Clone(rows), versions)
	}
}
