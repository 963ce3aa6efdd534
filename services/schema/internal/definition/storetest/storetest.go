// Package storetest is the suite that every store of definitions must pass.
package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// Backend opens one more replica of a store on the same data. The replica is
// ready for use and is closed when the test ends.
type Backend func(t *testing.T) definition.Store

// Run runs the suite; newBackend gives an empty back end each time.
func Run(t *testing.T, newBackend func(t *testing.T) Backend) {
	tests := []struct {
		name string
		run  func(*testing.T, Backend)
	}{
		{"upserted definitions are read back", readBack},
		{"equal content makes no version", equalContent},
		{"labels not given stay", labelsStay},
		{"a label needs no metric", labelAlone},
		{"nothing defined", nothing},
		{"tenants are apart", tenants},
		{"names are free", names},
		{"lookup gives what is defined", lookup},
		{"a change shows in another replica", otherReplica},
		{"a late replica knows everything", lateReplica},
		{"concurrent changes of one key", concurrent},
		{"equal content on a late replica", lateEqual},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, newBackend(t)) })
	}
}

func put(t *testing.T, s definition.Store, c definition.Change) uint64 {
	t.Helper()
	if c.Author == "" {
		c.Author = "ann"
	}
	epoch, err := s.Put(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return epoch
}

func metricOf(tenant, name, description string) definition.Change {
	return definition.Change{Tenant: tenant, Metric: &definition.Metric{Name: name, Description: description}}
}

func get(t *testing.T, s definition.Store, tenant, name string) definition.Metric {
	t.Helper()
	m, err := s.Metric(t.Context(), tenant, name, 0)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func readBack(t *testing.T, open Backend) {
	s := open(t)
	m := definition.Metric{Name: "up", Description: "d", Owner: "o", Tags: []string{"b", "a"}}
	l := definition.Label{Metric: "up", Name: "job", Type: "string", Required: true, Description: "d",
		AllowedValues: map[string]any{"values": []any{"a", 1.5, true, nil}, "nested": map[string]any{"x": "y"}}}
	before := time.Now().Add(-time.Minute)
	put(t, s, definition.Change{Tenant: "acme", Metric: &m, Labels: []definition.Label{l}})
	got := get(t, s, "acme", "up")
	if !got.Same(m) || got.Version != 1 || got.UpdatedAt.Before(before) {
		t.Errorf("metric %+v, want %+v as version 1", got, m)
	}
	label, err := s.Label(t.Context(), "acme", definition.Key{Metric: "up", Label: "job"}, 0)
	if err != nil || !label.Same(l) || label.Version != 1 {
		t.Errorf("label %+v, %v; want %+v as version 1", label, err, l)
	}
}

func equalContent(t *testing.T, open Backend) {
	s := open(t)
	first := put(t, s, metricOf("acme", "up", "one"))
	if again := put(t, s, metricOf("acme", "up", "one")); again != first {
		t.Errorf("epoch %d after equal content, want %d", again, first)
	}
	second := put(t, s, metricOf("acme", "up", "two"))
	if second <= first {
		t.Errorf("epoch %d after a change, want more than %d", second, first)
	}
	checkVersions(t, s, "acme", definition.Key{Metric: "up"}, 2)
}

func checkVersions(t *testing.T, s definition.Store, tenant string, key definition.Key, want int) {
	t.Helper()
	list, err := s.Versions(t.Context(), tenant, key)
	if err != nil || len(list) != want {
		t.Fatalf("%d versions, %v; want %d", len(list), err, want)
	}
	for i, v := range list {
		if v.Number != int64(want-i) {
			t.Fatalf("version %d at place %d of %d", v.Number, i, want)
		}
		if i > 0 && v.Sequence >= list[i-1].Sequence || v.Author == "" || v.CreatedAt.IsZero() {
			t.Fatalf("version %+v after %+v", v, list[max(0, i-1)])
		}
	}
}

func labelsStay(t *testing.T, open Backend) {
	s := open(t)
	c := metricOf("acme", "up", "one")
	c.Labels = []definition.Label{{Metric: "up", Name: "job", Type: "a"}, {Metric: "up", Name: "zone", Type: "b"}}
	put(t, s, c)
	c.Labels = []definition.Label{{Metric: "up", Name: "zone", Type: "c"}}
	put(t, s, c)
	put(t, s, metricOf("acme", "up", "two"))
	for name, want := range map[string]definition.Label{"job": {Type: "a", Version: 1}, "zone": {Type: "c", Version: 2}} {
		l, err := s.Label(t.Context(), "acme", definition.Key{Metric: "up", Label: name}, 0)
		if err != nil || l.Type != want.Type || l.Version != want.Version {
			t.Errorf("label %+v, %v; want %+v", l, err, want)
		}
	}
	checkVersions(t, s, "acme", definition.Key{Metric: "up"}, 2)
	checkVersions(t, s, "acme", definition.Key{Metric: "up", Label: "zone"}, 2)
}

func labelAlone(t *testing.T, open Backend) {
	s := open(t)
	put(t, s, definition.Change{Tenant: "acme", Labels: []definition.Label{{Metric: "up", Name: "job", Description: "d"}}})
	if _, err := s.Metric(t.Context(), "acme", "up", 0); !errors.Is(err, definition.ErrNotFound) {
		t.Errorf("metric that only has a label: %v", err)
	}
	f, err := s.Lookup(t.Context(), "acme", []string{"up"}, 0)
	if err != nil || len(f.Metrics) != 0 || len(f.Labels) != 1 {
		t.Errorf("lookup %+v, %v", f, err)
	}
}

func nothing(t *testing.T, open Backend) {
	s := open(t)
	if _, err := s.Metric(t.Context(), "acme", "up", 0); !errors.Is(err, definition.ErrNotFound) {
		t.Errorf("metric: %v", err)
	}
	if _, err := s.Label(t.Context(), "acme", definition.Key{Metric: "up", Label: "job"}, 0); !errors.Is(err, definition.ErrNotFound) {
		t.Errorf("label: %v", err)
	}
	if f, err := s.Lookup(t.Context(), "acme", []string{"up"}, 0); err != nil || !reflect.DeepEqual(f, definition.Found{}) {
		t.Errorf("lookup %+v, %v", f, err)
	}
	checkVersions(t, s, "acme", definition.Key{Metric: "up"}, 0)
}

func tenants(t *testing.T, open Backend) {
	s := open(t)
	list := []string{"acme", "acme-corp", "acme.corp", "acme corp", "ACME"}
	for _, tenant := range list {
		put(t, s, metricOf(tenant, "up", "of "+tenant))
	}
	for _, tenant := range list {
		if got := get(t, s, tenant, "up"); got.Description != "of "+tenant || got.Version != 1 {
			t.Errorf("tenant %q reads %+v", tenant, got)
		}
	}
	if _, err := s.Metric(t.Context(), "acm", "up", 0); !errors.Is(err, definition.ErrNotFound) {
		t.Errorf("another tenant reads it: %v", err)
	}
}

func names(t *testing.T, open Backend) {
	s := open(t)
	list := []string{"a/b", "a:b", "a.b", "a%2Fb", "größe 寸", "*", ">", "a b", "A.b"}
	for _, name := range list {
		put(t, s, metricOf("acme", name, "is "+name))
	}
	for _, name := range list {
		if got := get(t, s, "acme", name); got.Description != "is "+name {
			t.Errorf("metric %q reads %+v", name, got)
		}
	}
}

func lookup(t *testing.T, open Backend) {
	s := open(t)
	var epoch uint64
	for _, name := range []string{"b", "a", "c"} {
		c := metricOf("acme", name, "d")
		c.Labels = []definition.Label{{Metric: name, Name: "job"}, {Metric: name, Name: "env"}}
		epoch = put(t, s, c)
	}
	f, err := s.Lookup(t.Context(), "acme", []string{"b", "none", "a", "b"}, epoch)
	if err != nil || f.Epoch != epoch {
		t.Fatalf("epoch %d, %v; want %d", f.Epoch, err, epoch)
	}
	text := ""
	for _, m := range f.Metrics {
		text += m.Name + " "
	}
	for _, l := range f.Labels {
		text += l.Metric + "/" + l.Name + " "
	}
	if want := "a b a/env a/job b/env b/job "; text != want {
		t.Errorf("found %q, want %q", text, want)
	}
}

func otherReplica(t *testing.T, open Backend) {
	a, b := open(t), open(t)
	for i := range 20 {
		text := fmt.Sprint(i)
		epoch := put(t, a, metricOf("acme", "up", text))
		if got, err := b.Metric(t.Context(), "acme", "up", epoch); err != nil || got.Description != text {
			t.Fatalf("the other replica reads %+v, %v; want %s", got, err, text)
		}
		if f, err := b.Lookup(t.Context(), "acme", []string{"up"}, epoch); err != nil || f.Epoch < epoch {
			t.Fatalf("the other replica looks up epoch %d, %v; want %d", f.Epoch, err, epoch)
		}
	}
}

func lateReplica(t *testing.T, open Backend) {
	a := open(t)
	for i := range 50 {
		put(t, a, metricOf("acme", fmt.Sprint("m", i%10), fmt.Sprint(i)))
	}
	late := open(t)
	for i := range 10 {
		name := fmt.Sprint("m", i)
		if got, want := get(t, late, "acme", name), get(t, a, "acme", name); !reflect.DeepEqual(got, want) {
			t.Errorf("late replica reads %+v, want %+v", got, want)
		}
		checkVersions(t, late, "acme", definition.Key{Metric: name}, 5)
	}
}

// concurrent changes one key 300 times through two replicas.
func concurrent(t *testing.T, open Backend) {
	const changes = 300
	replicas := []definition.Store{open(t), open(t)}
	var wg sync.WaitGroup
	for i := range changes {
		wg.Go(func() { put(t, replicas[i%2], metricOf("acme", "up", fmt.Sprint(i))) })
	}
	wg.Wait()
	epoch := put(t, replicas[0], metricOf("acme", "up", "last"))
	for _, r := range replicas {
		if got, err := r.Metric(t.Context(), "acme", "up", epoch); err != nil || got.Version != changes+1 || got.Description != "last" {
			t.Errorf("head %+v, %v", got, err)
		}
		checkVersions(t, r, "acme", definition.Key{Metric: "up"}, changes+1)
	}
}

// lateEqual writes through one replica what another one has just replaced: an
// older state must not make the write look needless.
func lateEqual(t *testing.T, open Backend) {
	a, b := open(t), open(t)
	for range 50 {
		put(t, a, metricOf("acme", "up", "one"))
		put(t, b, metricOf("acme", "up", "two"))
		epoch := put(t, a, metricOf("acme", "up", "one"))
		if got, err := b.Metric(t.Context(), "acme", "up", epoch); err != nil || got.Description != "one" {
			t.Fatalf("a write got lost: %+v, %v", got, err)
		}
	}
}
