// Package storetest is the suite that every store of definitions must pass.
package storetest

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// Backend opens one more replica of a store on the same data. The replica is
// ready for use and is closed when the test ends.
type Backend func(t *testing.T) definition.Store

type test struct {
	name string
	run  func(*testing.T, Backend)
}

// Run runs the suite; newBackend gives an empty back end each time.
func Run(t *testing.T, newBackend func(t *testing.T) Backend) {
	for _, tt := range []test{
		{"upserted definitions are read back", readBack},
		{"equal content makes no version", equalContent},
		{"keys not given stay", othersStay},
		{"children need no parent", childAlone},
		{"nothing defined", nothing},
		{"tenants are apart", tenants},
		{"names are exact", names},
		{"kinds and parents are apart", kindsApart},
		{"lookup gives what is defined", lookup},
		{"history", history},
		{"old versions say what they said", oldVersions},
		{"deleted definitions", deleted},
		{"conditions", conditions},
		{"a batch is stored whole or not at all", wholeBatch},
		{"a batch only writes what is new", partlyEqual},
		{"large batches", largeBatch},
		{"list pages in order", listPages},
		{"list by parent, prefix and tag", listNarrow},
		{"search finds words", searchWords},
		{"search follows changes", searchFollows},
		{"a change shows in another replica", otherReplica},
		{"refresh gives what others wrote", refresh},
		{"a late replica knows everything", lateReplica},
		{"a thousand concurrent changes of one key", concurrent},
		{"concurrent conditions let one through", concurrentConditions},
		{"concurrent batches of different logs", concurrentLogs},
		{"equal content on a late replica", lateEqual},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, newBackend(t)) })
	}
}

const acme = "acme"

func at(tenant string) definition.View { return definition.View{Tenant: tenant} }

func metricKey(name string) definition.Key {
	return definition.Key{Kind: definition.Metric, Name: name}
}

func described(name, description string) definition.Change {
	return definition.Change{Key: metricKey(name), Content: definition.Content{Description: description}}
}

func apply(t *testing.T, s definition.Store, tenant string, changes ...definition.Change) definition.Outcome {
	t.Helper()
	out, err := s.Apply(t.Context(), definition.Batch{Tenant: tenant, Author: "ann", Changes: changes})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Applied) != len(changes) {
		t.Fatalf("%d outcomes of %d changes", len(out.Applied), len(changes))
	}
	return out
}

func get(t *testing.T, s definition.Store, tenant string, key definition.Key) definition.Definition {
	t.Helper()
	d, err := s.Get(t.Context(), at(tenant), key)
	if err != nil {
		t.Fatalf("%+v of %s: %v", key, tenant, err)
	}
	return d
}

func checkMissing(t *testing.T, s definition.Store, tenant string, key definition.Key) {
	t.Helper()
	if d, err := s.Get(t.Context(), at(tenant), key); !errors.Is(err, definition.ErrNotFound) {
		t.Errorf("%+v of %s reads %+v, %v", key, tenant, d, err)
	}
}

// checkVersions wants the numbers want..1 without gaps.
func checkVersions(t *testing.T, s definition.Store, tenant string, key definition.Key, want int) []definition.Version {
	t.Helper()
	list, err := s.Versions(t.Context(), at(tenant), key)
	if err != nil || len(list) != min(want, 1000) {
		t.Fatalf("%d versions, %v; want %d", len(list), err, want)
	}
	for i, v := range list {
		if v.Number != int64(want-i) {
			t.Fatalf("version %d at place %d of %d", v.Number, i, want)
		}
		if i > 0 && v.Sequence >= list[i-1].Sequence || v.Author != "ann" || v.CreatedAt.IsZero() {
			t.Fatalf("version %+v after %+v", v, list[max(0, i-1)])
		}
	}
	return list
}

// everyKind is one definition of each kind with every member that it uses.
func everyKind() []definition.Change {
	return []definition.Change{
		{Key: metricKey("up"), Content: definition.Content{Description: "d", Owner: "o", Tags: []string{"b", "a", "k=v"}}},
		{Key: definition.Key{Kind: definition.Label, Parent: "up", Name: "job"}, Content: definition.Content{
			Type: "string", Required: true, Description: "d",
			AllowedValues: map[string]any{"values": []any{"a", 1.5, true, nil}, "nested": map[string]any{"x": "y"}}}},
		{Key: definition.Key{Kind: definition.LogField, Name: "http.status"}, Content: definition.Content{
			Type: "int", Description: "two\nlines", Tags: []string{"http"}, Examples: []string{"200", "", "größe 寸"}}},
		{Key: definition.Key{Kind: definition.Service, Name: "checkout"}, Content: definition.Content{
			Purpose: "sells", Owner: "shop", Tags: []string{"x"}}},
		{Key: definition.Key{Kind: definition.Operation, Parent: "checkout", Name: "POST /cart/{id}"}, Content: definition.Content{
			Purpose: "adds", Owner: "shop", Tags: []string{"y"}}},
	}
}

func byLog(changes []definition.Change) map[string][]definition.Change {
	out := map[string][]definition.Change{}
	for _, c := range changes {
		out[c.Key.Kind.Log()] = append(out[c.Key.Kind.Log()], c)
	}
	return out
}

func readBack(t *testing.T, open Backend) {
	s := open(t)
	before := time.Now().Add(-time.Minute)
	for _, changes := range byLog(everyKind()) {
		for i, a := range apply(t, s, acme, changes...).Applied {
			if !a.Changed || a.Version != 1 || a.Key != changes[i].Key || a.ETag() == "" {
				t.Errorf("outcome %+v of %+v", a, changes[i])
			}
		}
	}
	for _, c := range everyKind() {
		got := get(t, s, acme, c.Key)
		if !got.Same(c.Content) || got.Key != c.Key || got.Version != 1 || got.UpdatedAt.Before(before) {
			t.Errorf("read %+v, want %+v as version 1", got, c)
		}
		want := definition.Definition{Key: c.Key, Content: c.Content, Version: 1}
		if got.ETag() != want.ETag() {
			t.Errorf("tag %q, want %q", got.ETag(), want.ETag())
		}
		if p, err := s.Version(t.Context(), at(acme), c.Key, 1); err != nil || !p.Same(c.Content) || p.Number != 1 {
			t.Errorf("version %+v, %v; want %+v", p, err, c)
		}
	}
}

func equalContent(t *testing.T, open Backend) {
	s := open(t)
	for log, changes := range byLog(everyKind()) {
		first := apply(t, s, acme, changes...)
		again := apply(t, s, acme, changes...)
		if again.Epoch < first.Epoch || again.Changed() != 0 || again.Applied[0].Version != 1 {
			t.Errorf("%s: equal content gives %+v", log, again)
		}
		if f, err := s.Lookup(t.Context(), at(acme), nil); err != nil || f.Epoch != first.Epoch {
			t.Errorf("%s: epoch %d, %v after equal content, want %d", log, f.Epoch, err, first.Epoch)
		}
		checkVersions(t, s, acme, changes[0].Key, 1)
	}
}

func othersStay(t *testing.T, open Backend) {
	s := open(t)
	zone := definition.Change{Key: definition.Key{Kind: definition.Label, Parent: "up", Name: "zone"}, Content: definition.Content{Type: "a"}}
	job := zone
	job.Key.Name = "job"
	apply(t, s, acme, described("up", "one"), zone, job)
	zone.Content.Type = "b"
	apply(t, s, acme, described("up", "one"), zone)
	apply(t, s, acme, described("up", "two"))
	if got := get(t, s, acme, job.Key); got.Type != "a" || got.Version != 1 {
		t.Errorf("untouched label %+v", got)
	}
	checkVersions(t, s, acme, metricKey("up"), 2)
	checkVersions(t, s, acme, zone.Key, 2)
}

func childAlone(t *testing.T, open Backend) {
	s := open(t)
	label := everyKind()[1]
	apply(t, s, acme, label)
	checkMissing(t, s, acme, metricKey("up"))
	f, err := s.Lookup(t.Context(), at(acme), []string{"up"})
	if err != nil || len(f.Metrics) != 0 || len(f.Labels) != 1 {
		t.Errorf("lookup %+v, %v", f, err)
	}
}

func nothing(t *testing.T, open Backend) {
	s := open(t)
	for _, c := range everyKind() {
		checkMissing(t, s, acme, c.Key)
		checkVersions(t, s, acme, c.Key, 0)
		if _, err := s.Version(t.Context(), at(acme), c.Key, 1); !errors.Is(err, definition.ErrNotFound) {
			t.Errorf("version of nothing: %v", err)
		}
		if p, err := s.List(t.Context(), at(acme), definition.Selection{Kind: c.Key.Kind, Limit: 10}); err != nil || len(p.Definitions) != 0 || p.More {
			t.Errorf("list %+v, %v", p, err)
		}
	}
	if f, err := s.Lookup(t.Context(), at(acme), []string{"up"}); err != nil || !reflect.DeepEqual(f, definition.Found{}) {
		t.Errorf("lookup %+v, %v", f, err)
	}
	if hits, err := s.Search(t.Context(), at(acme), definition.Query{Text: "up", Limit: 10}); err != nil || len(hits) != 0 {
		t.Errorf("search %+v, %v", hits, err)
	}
}

func lookup(t *testing.T, open Backend) {
	s := open(t)
	var epoch uint64
	for _, name := range []string{"b", "a", "c"} {
		label := definition.Change{Key: definition.Key{Kind: definition.Label, Parent: name, Name: "job"}}
		other := label
		other.Key.Name = "env"
		epoch = apply(t, s, acme, described(name, "d"), label, other).Epoch
	}
	f, err := s.Lookup(t.Context(), definition.View{Tenant: acme, MinEpoch: epoch}, []string{"b", "none", "a", "b"})
	if err != nil || f.Epoch != epoch {
		t.Fatalf("epoch %d, %v; want %d", f.Epoch, err, epoch)
	}
	var text []string
	for _, d := range append(f.Metrics, f.Labels...) {
		text = append(text, d.Parent+"/"+d.Name)
	}
	if got, want := strings.Join(text, " "), "/a /b a/env a/job b/env b/job"; got != want {
		t.Errorf("found %q, want %q", got, want)
	}
}
