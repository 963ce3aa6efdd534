package trace

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// shape writes a tree as id(children...), by start.
func shape(t *Tree) string {
	var write func(i int) string
	write = func(i int) string {
		var parts []string
		for _, c := range t.Children(i) {
			parts = append(parts, write(c))
		}
		if len(parts) == 0 {
			return t.Spans[i].ID
		}
		return t.Spans[i].ID + "(" + strings.Join(parts, " ") + ")"
	}
	var roots []string
	for _, r := range t.Roots {
		roots = append(roots, write(r))
	}
	return strings.Join(roots, " ")
}

func span(id, parent string, start, duration int64) Span {
	return Span{ID: id, Parent: parent, Service: "s", Start: start, Duration: duration}
}

func TestTree(t *testing.T) {
	for name, tt := range map[string]struct {
		spans []Span
		want  string
	}{
		"none":           {nil, ""},
		"by start":       {[]Span{span("c", "a", 30, 1), span("b", "a", 20, 1), span("a", "", 10, 50)}, "a(b c)"},
		"lost parent":    {[]Span{span("b", "gone", 5, 1), span("a", "", 10, 1)}, "b a"},
		"its own parent": {[]Span{span("a", "a", 5, 1)}, "a"},
		"doubles":        {[]Span{span("a", "", 5, 1), span("b", "a", 5, 1), span("b", "a", 5, 1), span("a", "", 6, 1)}, "a(b)"},
		"a cycle":        {[]Span{span("a", "c", 7, 1), span("b", "a", 5, 1), span("c", "b", 6, 1), span("d", "a", 8, 1)}, "b(c(a(d)))"},
		"two cycles":     {[]Span{span("a", "b", 1, 1), span("b", "a", 2, 1), span("c", "d", 4, 1), span("d", "c", 3, 1)}, "a(b) d(c)"},
		"no ids":         {[]Span{span("", "", 1, 1), span("", "", 2, 1)}, " "},
	} {
		if got := shape(NewTree(&Trace{Spans: tt.spans})); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}

func TestSharedIDs(t *testing.T) {
	client := Span{ID: "b", Parent: "a", Service: "web", Kind: KindClient, Start: 10, Duration: 10}
	server := Span{ID: "b", Parent: "a", Service: "cart", Kind: KindServer, Start: 12, Duration: 5}
	child := Span{ID: "c", Parent: "b", Service: "cart", Start: 13, Duration: 1}
	root := Span{ID: "a", Service: "web", Kind: KindServer, Start: 9, Duration: 20}
	for _, order := range [][]Span{{root, client, server, child}, {child, server, client, root}} {
		tree := NewTree(&Trace{Spans: order})
		if got := shape(tree); got != "a(b(b(c)))" || len(tree.Spans) != 4 {
			t.Errorf("got %s", got)
		}
	}
}

func TestClocks(t *testing.T) {
	call := func(start, duration int64) []Span {
		return []Span{
			{ID: "a", Service: "web", Kind: KindClient, Start: 1000, Duration: 100},
			{ID: "b", Parent: "a", Service: "cart", Kind: KindServer, Start: start, Duration: duration},
			{ID: "c", Parent: "b", Service: "cart", Kind: KindInternal, Start: start + 5, Duration: 10},
		}
	}
	for name, tt := range map[string]struct{ start, duration, want int64 }{
		"right":              {1010, 50, 1010},
		"early":              {500, 50, 1025},
		"late":               {5000, 50, 1025},
		"over the end":       {1080, 50, 1025},
		"longer, early":      {500, 200, 1000},
		"longer":             {1010, 200, 1010},
		"longer, much later": {9000, 200, 1000},
	} {
		tree := NewTree(&Trace{Spans: call(tt.start, tt.duration)})
		if tree.Spans[1].Start != tt.want || tree.Spans[2].Start != tt.want+5 {
			t.Errorf("%s: got %d and %d, want %d", name, tree.Spans[1].Start, tree.Spans[2].Start, tt.want)
		}
	}
	queue := call(9000, 50)
	queue[1].Kind = KindConsumer
	if got := NewTree(&Trace{Spans: queue}).Spans[1].Start; got != 9000 {
		t.Errorf("a message was moved to %d", got)
	}
}

func TestSelf(t *testing.T) {
	tree := NewTree(&Trace{Spans: []Span{span("a", "", 100, 100), span("b", "a", 110, 20), span("c", "a", 120, 30), span("d", "a", 190, 500), span("e", "a", 0, 105)}})
	var got []int64
	for i := range tree.Spans {
		got = append(got, tree.Self(i))
	}
	if want := []int64{100 - 5 - 40 - 10, 20, 30, 500, 105}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// draw makes any trace: lost parents, cycles, doubles, wild clocks.
func draw(t *rapid.T) *Trace {
	n := rapid.IntRange(0, 30).Draw(t, "spans")
	list := make([]Span, n)
	for i := range list {
		list[i] = Span{
			ID: fmt.Sprint(rapid.IntRange(0, 20).Draw(t, "id")), Parent: rapid.SampledFrom([]string{"", "0", "1", "2", "3", "7", "15", "99"}).Draw(t, "parent"),
			Service: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "service"), Kind: Kind(rapid.IntRange(0, 5).Draw(t, "kind")),
			Start: rapid.Int64Range(0, 1000).Draw(t, "start"), Duration: rapid.Int64Range(0, 1000).Draw(t, "duration"),
		}
	}
	return &Trace{Spans: list}
}

func TestEverySpanIsInTheTreeOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree := NewTree(draw(t))
		if len(tree.Order) != len(tree.Spans) {
			t.Fatalf("%d of %d spans are reached", len(tree.Order), len(tree.Spans))
		}
		seen := map[int]bool{}
		for _, i := range tree.Order {
			if p := tree.Parents[i]; seen[i] || p != None && !seen[p] {
				t.Fatalf("span %d comes twice or before its parent", i)
			}
			seen[i] = true
			if self := tree.Self(i); self < 0 || self > tree.Spans[i].Duration {
				t.Fatalf("self time is %d", self)
			}
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"data":[`+chain(3)+`]}`), 2)
	f.Add([]byte(recorded(f, "04-trace-by-id", "found_odd_types")), 100)
	f.Add([]byte(`[{"spans":[{"duration":""}]}]`), 1)
	f.Fuzz(func(t *testing.T, answer []byte, most int) {
		limits := Limits{MaxSpans: 1 + max(0, most)%1000}
		err := Read(strings.NewReader(string(answer)), limits, func(tr *Trace) error {
			tree := NewTree(tr)
			if len(tr.Spans) > limits.MaxSpans || len(tree.Order) != len(tree.Spans) {
				t.Errorf("%d spans, %d in order", len(tree.Spans), len(tree.Order))
			}
			for i := range tree.Spans {
				if s := &tree.Spans[i]; s.Start < 0 || s.Duration < 0 || tree.Self(i) < 0 {
					t.Errorf("negative times in %+v", s)
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, ErrBroken) {
			t.Errorf("%s: %v", answer, err)
		}
		_ = Split(strings.NewReader(string(answer)), func(s string) bool { return s != "s1" }, func(r Raw) error {
			err := Read(strings.NewReader("["+string(r.JSON)+"]"), Limits{}, func(tr *Trace) error {
				for _, s := range tr.Spans {
					if s.Service == "s1" {
						t.Errorf("a hidden span is left in %s", r.JSON)
					}
				}
				return nil
			})
			if err != nil && !errors.Is(err, ErrBroken) {
				t.Errorf("%s: %v", r.JSON, err)
			}
			return nil
		})
	})
}

func BenchmarkRead(b *testing.B) {
	answer := `{"data":[` + chain(100_000) + `]}`
	b.SetBytes(int64(len(answer)))
	b.ReportAllocs()
	for b.Loop() {
		err := Read(strings.NewReader(answer), Limits{}, func(t *Trace) error { NewTree(t); return nil })
		if err != nil {
			b.Fatal(err)
		}
	}
}
