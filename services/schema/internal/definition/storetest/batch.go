package storetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// wholeBatch sends batches of which one change cannot be stored.
func wholeBatch(t *testing.T, open Backend) {
	s := open(t)
	apply(t, s, acme, described("a", "one"))
	bad := described("b", "one")
	bad.If = definition.Condition{Any: true}
	refused(t, s, described("a", "two"), described("c", "one"), bad)
	twice := definition.Batch{Tenant: acme, Changes: []definition.Change{described("c", "one"), described("c", "two")}}
	mixed := definition.Batch{Tenant: acme, Changes: []definition.Change{described("c", "one"),
		{Key: definition.Key{Kind: definition.Service, Name: "c"}}}}
	for _, b := range []definition.Batch{twice, mixed, {Tenant: acme}, {Changes: twice.Changes[:1]}} {
		if out, err := s.Apply(t.Context(), b); err == nil {
			t.Errorf("batch %+v gives %+v", b, out)
		}
	}
	huge := definition.Batch{Tenant: acme, Changes: []definition.Change{described("c", "one"), described("d", strings.Repeat("x", 2<<20))}}
	if _, err := s.Apply(t.Context(), huge); fault.From(err) == nil || fault.From(err).Code != fault.CodeTooLarge {
		t.Errorf("2 MB give %v", err)
	}
	if got := get(t, s, acme, metricKey("a")); got.Description != "one" || got.Version != 1 {
		t.Errorf("head %+v", got)
	}
	for _, name := range []string{"b", "c", "d"} {
		checkMissing(t, s, acme, metricKey(name))
		checkVersions(t, s, acme, metricKey(name), 0)
	}
}

func partlyEqual(t *testing.T, open Backend) {
	s := open(t)
	apply(t, s, acme, described("a", "one"), described("b", "one"))
	out := apply(t, s, acme, described("a", "one"), described("b", "two"), described("c", "one"))
	var text []string
	for _, a := range out.Applied {
		text = append(text, fmt.Sprintf("%s %d %t", a.Name, a.Version, a.Changed))
	}
	if got, want := strings.Join(text, ", "), "a 1 false, b 2 true, c 1 true"; got != want {
		t.Errorf("outcome %q, want %q", got, want)
	}
	checkVersions(t, s, acme, metricKey("a"), 1)
	checkVersions(t, s, acme, metricKey("b"), 2)
}

// largeBatch stores thousands of rows in a few writes, twice.
func largeBatch(t *testing.T, open Backend) {
	const rows = 3000
	s := open(t)
	var changes []definition.Change
	for i := range rows {
		changes = append(changes, definition.Change{Key: definition.Key{Kind: definition.LogField, Name: fmt.Sprintf("field.%05d", i)},
			Content: definition.Content{Description: strings.Repeat("Long text. ", 60), Tags: []string{"bulk"}}})
	}
	list := definition.Split(acme, "ann", changes)
	if len(list) < 2 {
		t.Fatalf("%d batches", len(list))
	}
	for round := range 2 {
		n := 0
		for _, b := range list {
			out, err := s.Apply(t.Context(), b)
			if err != nil {
				t.Fatal(err)
			}
			n += out.Changed()
		}
		if want := rows * (1 - round); n != want {
			t.Errorf("round %d: %d changes, want %d", round, n, want)
		}
	}
	for _, i := range []int{0, rows / 2, rows - 1} {
		if got := get(t, s, acme, changes[i].Key); !got.Same(changes[i].Content) || got.Version != 1 {
			t.Errorf("row %d: %+v", i, got)
		}
		if p, err := s.Version(t.Context(), at(acme), changes[i].Key, 1); err != nil || !p.Same(changes[i].Content) {
			t.Errorf("row %d as version: %+v, %v", i, p, err)
		}
	}
}
