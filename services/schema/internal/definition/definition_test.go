package definition

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestSame(t *testing.T) {
	a := Content{Description: "d", Tags: []string{"x"}, AllowedValues: map[string]any{"v": []any{"x"}}}
	b := a
	b.AllowedValues = map[string]any{"v": []any{"x"}}
	if !a.Same(b) || !(Content{}).Same(Content{Tags: []string{}, Examples: []string{}, AllowedValues: map[string]any{}}) {
		t.Error("equal contents differ")
	}
	for _, other := range []Content{
		{Description: "x"}, {Purpose: "x"}, {Owner: "x"}, {Tags: []string{"x"}}, {Type: "x"}, {Examples: []string{"x"}},
		{Required: true}, {AllowedValues: map[string]any{"v": "x"}},
	} {
		if other.Same(Content{}) {
			t.Errorf("%+v is nothing", other)
		}
	}
	if (Content{Tags: []string{"a", "b"}}).Same(Content{Tags: []string{"b", "a"}}) {
		t.Error("the order of tags does not count")
	}
}

// What was read from the log must have the tag of what was written.
func TestETagNamesVersionAndContent(t *testing.T) {
	d := Definition{Key: up, Version: 3, Content: Content{Tags: []string{}, AllowedValues: map[string]any{"b": 1.0, "a": nil}}}
	data, err := json.Marshal(d.Content)
	if err != nil {
		t.Fatal(err)
	}
	read := Definition{Key: up, Version: 3}
	if err := json.Unmarshal(data, &read.Content); err != nil {
		t.Fatal(err)
	}
	if d.ETag() != read.ETag() || !strings.HasPrefix(d.ETag(), "3-") || len(d.ETag()) != 14 {
		t.Errorf("tags %q and %q", d.ETag(), read.ETag())
	}
	other := d
	other.Owner = "x"
	next := d
	next.Version = 4
	if d.ETag() == other.ETag() || d.ETag() == next.ETag() {
		t.Error("different versions have one tag")
	}
	if tag := (Definition{Version: 3, Deleted: true}).ETag() + (Definition{}).ETag(); tag != "" {
		t.Errorf("nothing has the tag %q", tag)
	}
}

func TestChangesOnVersions(t *testing.T) {
	one, two := Content{Owner: "1"}, Content{Owner: "2"}
	live, gone := Definition{Key: up, Version: 4, Content: one}, Definition{Key: up, Version: 5, Deleted: true}
	for _, tt := range []struct {
		name    string
		head    Definition
		change  Change
		version int64
		changed bool
	}{
		{"first", Definition{}, Change{Key: up, Content: one}, 1, true},
		{"first and empty", Definition{}, Change{Key: up}, 1, true},
		{"equal", live, Change{Key: up, Content: one}, 4, false},
		{"different", live, Change{Key: up, Content: two}, 5, true},
		{"deleted", live, Change{Key: up, Delete: true}, 5, true},
		{"deleted twice", gone, Change{Key: up, Delete: true}, 5, false},
		{"nothing is deleted", Definition{}, Change{Key: up, Delete: true}, 0, false},
		{"back again", gone, Change{Key: up, Content: one}, 6, true},
		{"back again and empty", gone, Change{Key: up}, 6, true},
	} {
		next, changed := tt.change.On(tt.head)
		if next.Version != tt.version || changed != tt.changed || changed && (next.Deleted != tt.change.Delete || !next.Same(tt.change.Content)) {
			t.Errorf("%s: %+v, %t", tt.name, next, changed)
		}
	}
}

func TestConditions(t *testing.T) {
	head := Definition{Key: up, Version: 2, Content: Content{Owner: "o"}}
	tag := head.ETag()
	gone := Definition{Key: up, Version: 3, Deleted: true}
	for _, tt := range []struct {
		header     string
		head, none bool
	}{
		{"", true, true}, {"*", true, false}, {`"` + tag + `"`, true, false}, {tag, true, false}, {`W/"` + tag + `"`, true, false},
		{`"1-x", "` + tag + `"`, true, false}, {`"1-x"`, false, false}, {`""`, false, false}, {`"2-"`, false, false}, {"x, *", true, false},
	} {
		c := ParseCondition(tt.header)
		if c.Holds(head) != tt.head || c.Holds(gone) != tt.none || c.Holds(Definition{}) != tt.none {
			t.Errorf("%q holds of the head %t, of nothing %t", tt.header, c.Holds(head), c.Holds(gone))
		}
	}
}

func TestSelectionsHaveBounds(t *testing.T) {
	after := Key{Operation, "b", "m"}
	for _, tt := range []struct {
		sel   Selection
		first Key
		past  []Key
		not   []Key
	}{
		{Selection{Kind: Metric}, Key{Kind: Metric}, nil, []Key{{Metric, "", ""}, {Metric, "", "z"}}},
		{Selection{Kind: Metric, Prefix: "ab"}, Key{Metric, "", "ab"}, []Key{{Metric, "", "ac"}, {Metric, "", "b"}}, []Key{{Metric, "", "aa"}, {Metric, "", "ab"}, {Metric, "", "abz"}}},
		{Selection{Kind: Operation, Prefix: "ab"}, Key{Kind: Operation}, nil, []Key{{Operation, "a", "z"}}},
		{Selection{Kind: Operation, Parent: "b", Prefix: "n"}, Key{Operation, "b", "n"}, []Key{{Operation, "b", "o"}, {Operation, "c", "n"}}, []Key{{Operation, "b", "na"}}},
		{Selection{Kind: Operation, Parent: "b", Prefix: "n", After: &after}, Key{Operation, "b", "n"}, nil, nil},
		{Selection{Kind: Operation, Parent: "b", Prefix: "a", After: &after}, after, nil, nil},
		{Selection{Kind: Operation, After: &after}, after, nil, []Key{{Operation, "z", "z"}}},
	} {
		if got := tt.sel.First(); got != tt.first {
			t.Errorf("%+v begins at %+v, want %+v", tt.sel, got, tt.first)
		}
		for _, k := range tt.past {
			if !tt.sel.Past(k) {
				t.Errorf("%+v goes on after %+v", tt.sel, k)
			}
		}
		for _, k := range tt.not {
			if tt.sel.Past(k) {
				t.Errorf("%+v ends before %+v", tt.sel, k)
			}
		}
	}
}

func TestDiff(t *testing.T) {
	from := Past{Version{}, Content{Type: "int", Tags: []string{"a"}, Examples: []string{"x"}}}
	to := Past{Version{}, Content{Type: "int", Description: "d", Tags: []string{"a", "b"}, Owner: "not of this kind"}}
	got := fmt.Sprint(Diff(LogField, from, to))
	if want := "[{description  d} {tags [a] [a b]} {examples [x] []}]"; got != want {
		t.Errorf("differences %s, want %s", got, want)
	}
	got = fmt.Sprint(Diff(Label, Past{Version{}, Content{Required: true, AllowedValues: map[string]any{"v": 1.0}}}, Past{Version{Deleted: true}, Content{}}))
	if want := "[{required true false} {allowedValues map[v:1] map[]} {deleted false true}]"; got != want {
		t.Errorf("differences %s, want %s", got, want)
	}
	if got := Diff(Label, from, from); len(got) != 0 {
		t.Errorf("differences %v", got)
	}
	for _, k := range Kinds() {
		for _, field := range k.Fields() {
			if (Content{Required: true, Description: "x", Purpose: "x", Owner: "x", Type: "x"}).Member(field) == "" {
				t.Errorf("%s has no member %s", k, field)
			}
		}
	}
}
