package storetest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

func history(t *testing.T, open Backend) {
	s := open(t)
	first := apply(t, s, acme, described("up", "one"))
	second := apply(t, s, acme, described("up", "two"))
	if second.Epoch <= first.Epoch || second.Applied[0].Version != 2 {
		t.Errorf("outcome %+v after %+v", second, first)
	}
	if _, err := s.Apply(t.Context(), definition.Batch{Tenant: acme, Author: "bob", Changes: []definition.Change{described("up", "three")}}); err != nil {
		t.Fatal(err)
	}
	list, err := s.Versions(t.Context(), at(acme), metricKey("up"))
	if err != nil || len(list) != 3 || list[0].Author != "bob" || list[0].Number != 3 || list[2].Author != "ann" {
		t.Errorf("history %+v, %v", list, err)
	}
	if got := get(t, s, acme, metricKey("up")); !got.UpdatedAt.Equal(list[0].CreatedAt) {
		t.Errorf("updated at %v, newest version of %v", got.UpdatedAt, list[0].CreatedAt)
	}
}

func oldVersions(t *testing.T, open Backend) {
	s, n := open(t), 20
	key := definition.Key{Kind: definition.LogField, Name: "a/b %"}
	for i := range n {
		apply(t, s, acme, definition.Change{Key: key, Content: definition.Content{Description: fmt.Sprint(i + 1), Examples: []string{"x"}}})
	}
	list := checkVersions(t, s, acme, key, n)
	for i := range n {
		p, err := s.Version(t.Context(), at(acme), key, int64(i+1))
		if err != nil || p.Description != fmt.Sprint(i+1) || len(p.Examples) != 1 || p.Deleted || p.Version != list[n-1-i] {
			t.Errorf("version %d: %+v, %v; listed as %+v", i+1, p, err, list[n-1-i])
		}
	}
	for _, number := range []int64{0, -1, int64(n) + 1, 1 << 40} {
		if p, err := s.Version(t.Context(), at(acme), key, number); !errors.Is(err, definition.ErrNotFound) {
			t.Errorf("version %d: %+v, %v", number, p, err)
		}
	}
	if _, err := s.Version(t.Context(), at("other"), key, 1); !errors.Is(err, definition.ErrNotFound) {
		t.Errorf("another tenant reads a version: %v", err)
	}
}

func deleted(t *testing.T, open Backend) {
	s := open(t)
	for _, c := range everyKind() {
		remove := definition.Change{Key: c.Key, Delete: true}
		if out := apply(t, s, acme, remove); out.Changed() != 0 {
			t.Errorf("%+v: nothing is deleted: %+v", c.Key, out)
		}
		apply(t, s, acme, c)
		if out := apply(t, s, acme, remove); out.Changed() != 1 || out.Applied[0].Version != 2 || !out.Applied[0].Deleted || out.Applied[0].Live() {
			t.Errorf("%+v is deleted: %+v", c.Key, out)
		}
		if out := apply(t, s, acme, remove); out.Changed() != 0 {
			t.Errorf("%+v is deleted twice: %+v", c.Key, out)
		}
		checkGone(t, s, c)
		if out := apply(t, s, acme, c); out.Applied[0].Version != 3 {
			t.Errorf("%+v comes back as %+v", c.Key, out)
		}
		if got := get(t, s, acme, c.Key); !got.Same(c.Content) || got.Version != 3 {
			t.Errorf("%+v came back as %+v", c.Key, got)
		}
		checkVersions(t, s, acme, c.Key, 3)
	}
}

// checkGone wants two versions, the second a deletion, and nothing else.
func checkGone(t *testing.T, s definition.Store, c definition.Change) {
	t.Helper()
	checkMissing(t, s, acme, c.Key)
	list := checkVersions(t, s, acme, c.Key, 2)
	if !list[0].Deleted || list[1].Deleted {
		t.Errorf("history %+v", list)
	}
	if p, err := s.Version(t.Context(), at(acme), c.Key, 2); err != nil || !p.Deleted || !p.Same(definition.Content{}) {
		t.Errorf("deleted version %+v, %v", p, err)
	}
	if p, err := s.Version(t.Context(), at(acme), c.Key, 1); err != nil || p.Deleted || !p.Same(c.Content) {
		t.Errorf("version before %+v, %v", p, err)
	}
	if p, err := s.List(t.Context(), at(acme), definition.Selection{Kind: c.Key.Kind, Limit: 10}); err != nil || len(p.Definitions) != 0 {
		t.Errorf("list %+v, %v", p, err)
	}
	if hits, err := s.Search(t.Context(), at(acme), definition.Query{Text: c.Key.Name, Kinds: []definition.Kind{c.Key.Kind}, Limit: 10}); err != nil || len(hits) != 0 {
		t.Errorf("search %+v, %v", hits, err)
	}
	if f, err := s.Lookup(t.Context(), at(acme), []string{c.Key.Name}); err != nil || c.Key.Kind == definition.Metric && len(f.Metrics) != 0 {
		t.Errorf("lookup %+v, %v", f, err)
	}
}

func refused(t *testing.T, s definition.Store, changes ...definition.Change) {
	t.Helper()
	out, err := s.Apply(t.Context(), definition.Batch{Tenant: acme, Author: "ann", Changes: changes})
	if fault.From(err) == nil || fault.From(err).Code != fault.CodePrecondition {
		t.Errorf("changes %+v give %+v, %v", changes, out, err)
	}
}

func conditions(t *testing.T, open Backend) {
	s := open(t)
	c := described("up", "one")
	c.If = definition.Condition{Any: true}
	refused(t, s, c)
	c.If = definition.Condition{Tags: []string{"1-000000000000"}}
	refused(t, s, c)
	c.If = definition.Condition{}
	one := apply(t, s, acme, c).Applied[0].ETag()
	c.Content.Description, c.If = "two", definition.Condition{Tags: []string{"1-000000000000", one}}
	two := apply(t, s, acme, c).Applied[0]
	if two.Version != 2 || two.ETag() == one {
		t.Errorf("outcome %+v", two)
	}
	c.Content.Description = "three"
	refused(t, s, c)
	// A stale condition is refused although nothing would change.
	c.Content.Description = "two"
	refused(t, s, c)
	remove := definition.Change{Key: c.Key, Delete: true, If: definition.Condition{Tags: []string{one}}}
	refused(t, s, remove)
	if got := get(t, s, acme, c.Key); got.ETag() != two.ETag() {
		t.Errorf("head %+v", got)
	}
	remove.If.Tags = []string{two.ETag()}
	apply(t, s, acme, remove)
	c.If = definition.Condition{Any: true}
	refused(t, s, c)
	checkVersions(t, s, acme, c.Key, 3)
}
