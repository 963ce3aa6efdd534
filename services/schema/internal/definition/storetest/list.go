package storetest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// all reads every page of a selection.
func all(t *testing.T, s definition.Store, sel definition.Selection) []definition.Key {
	t.Helper()
	var keys []definition.Key
	for {
		p, err := s.List(t.Context(), at(acme), sel)
		if err != nil || len(p.Definitions) > sel.Limit || p.More && len(p.Definitions) == 0 {
			t.Fatalf("page %+v, %v", p, err)
		}
		for _, d := range p.Definitions {
			keys = append(keys, d.Key)
		}
		if !p.More {
			return keys
		}
		sel.After = &keys[len(keys)-1]
	}
}

func listPages(t *testing.T, open Backend) {
	s := open(t)
	var changes []definition.Change
	var want []definition.Key
	for _, name := range append(freeNames, "m1", "m2", "m3") {
		changes = append(changes, described(name, "d"))
		want = append(want, metricKey(name))
	}
	apply(t, s, acme, changes...)
	slices.SortFunc(want, definition.Key.Compare)
	for _, limit := range []int{1, 2, 7, len(want), 1000} {
		if got := all(t, s, definition.Selection{Kind: definition.Metric, Limit: limit}); !slices.Equal(got, want) {
			t.Errorf("limit %d lists %q, want %q", limit, got, want)
		}
	}
	// The key that a page ended with may be gone when the next one is asked for.
	apply(t, s, acme, definition.Change{Key: want[3], Delete: true})
	if got := all(t, s, definition.Selection{Kind: definition.Metric, Limit: 5, After: &want[3]}); !slices.Equal(got, want[4:]) {
		t.Errorf("after a deleted key: %q", got)
	}
	never := metricKey("m1x")
	p, err := s.List(t.Context(), at(acme), definition.Selection{Kind: definition.Metric, Limit: 1, After: &never})
	if err != nil || len(p.Definitions) != 1 || p.Definitions[0].Name != "m2" || !p.More || p.Definitions[0].Description != "d" {
		t.Errorf("after a key that never was: %+v, %v", p, err)
	}
}

func listNarrow(t *testing.T, open Backend) {
	s := open(t)
	var changes []definition.Change
	for _, service := range []string{"cart", "cart2", "a/b"} {
		for i := range 12 {
			changes = append(changes, definition.Change{Key: definition.Key{Kind: definition.Operation, Parent: service, Name: fmt.Sprintf("op%d", i)},
				Content: definition.Content{Tags: []string{fmt.Sprintf("even=%t", i%2 == 0), "Op"}}})
		}
	}
	apply(t, s, acme, changes...)
	for _, tt := range []struct {
		sel  definition.Selection
		want int
	}{
		{definition.Selection{}, 36},
		{definition.Selection{Parent: "cart"}, 12},
		{definition.Selection{Parent: "none"}, 0},
		{definition.Selection{Prefix: "op1"}, 9},
		{definition.Selection{Prefix: "OP"}, 0},
		{definition.Selection{Parent: "a/b", Prefix: "op1"}, 3},
		{definition.Selection{Tag: "even=true"}, 18},
		{definition.Selection{Tag: "even"}, 0},
		{definition.Selection{Tag: "op"}, 0},
		{definition.Selection{Parent: "cart2", Prefix: "op1", Tag: "even=true"}, 1},
	} {
		for _, limit := range []int{1, 5, 100} {
			tt.sel.Kind, tt.sel.Limit = definition.Operation, limit
			got := all(t, s, tt.sel)
			if len(got) != tt.want || !slices.IsSortedFunc(got, definition.Key.Compare) {
				t.Errorf("%+v lists %d: %v, want %d", tt.sel, len(got), got, tt.want)
			}
		}
	}
	if got := all(t, s, definition.Selection{Kind: definition.Label, Limit: 10}); len(got) != 0 {
		t.Errorf("labels listed: %v", got)
	}
}
