package flamegraph

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/services/traces/internal/trace"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func span(id, parent, service string, start, micros int64) trace.Span {
	return trace.Span{ID: id, Parent: parent, Service: service, Operation: "op" + id, Start: start, Duration: micros}
}

func tree(spans ...trace.Span) *trace.Tree {
	return trace.NewTree(&trace.Trace{ID: "abc", Spans: spans})
}

func encoded(t testing.TB, n *Node) string {
	t.Helper()
	var out strings.Builder
	if err := n.Encode(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestOf(t *testing.T) {
	root := span("1", "", "web", 1_000_000, 120_000)
	for name, tt := range map[string]struct {
		mode  Mode
		spans []trace.Span
		want  string
	}{
		"one":                     {Duration, []trace.Span{root}, `{"name":"web.op1 (120 ms)","value":120,"spanId":"1","service":"web"}`},
		"less than a millisecond": {Duration, []trace.Span{span("1", "", "web", 0, 1)}, `{"name":"web.op1 (1 ms)","value":1,"spanId":"1","service":"web"}`},
		"no time":                 {Duration, []trace.Span{span("1", "", "web", 0, 0)}, `{"name":"web.op1 (0 ms)","value":0,"spanId":"1","service":"web"}`},
		"children by start": {Duration, []trace.Span{span("3", "1", "db", 1_050_000, 30_999), root, span("2", "1", "cart", 1_010_000, 500)},
			`{"name":"web.op1 (120 ms)","value":120,"spanId":"1","service":"web","children":[` +
				`{"name":"cart.op2","value":1,"spanId":"2","service":"cart"},{"name":"db.op3","value":30,"spanId":"3","service":"db"}]}`},
		"self": {Self, []trace.Span{root, span("2", "1", "cart", 1_010_000, 20_000), span("3", "2", "db", 1_010_000, 25_000)},
			`{"name":"web.op1 (120 ms)","value":100,"spanId":"1","service":"web","children":[` +
				`{"name":"cart.op2","value":0,"spanId":"2","service":"cart","children":[{"name":"db.op3","value":25,"spanId":"3","service":"db"}]}]}`},
		"several roots": {Duration, []trace.Span{root, span("2", "lost", "cart", 1_010_000, 200_000)},
			`{"name":"trace abc (210 ms)","value":210,"children":[{"name":"web.op1","value":120,"spanId":"1","service":"web"},` +
				`{"name":"cart.op2","value":200,"spanId":"2","service":"cart"}]}`},
		"outlasting": {Duration, []trace.Span{root, span("2", "1", "mail", 1_100_000, 400_000)},
			`{"name":"web.op1 (500 ms)","value":500,"spanId":"1","service":"web","children":[{"name":"mail.op2","value":400,"spanId":"2","service":"mail"}]}`},
		"odd names": {Duration, []trace.Span{{ID: "1", Service: "a\"b", Operation: "<x>"}}, `{"name":"a\"b.\u003cx\u003e (0 ms)","value":0,"spanId":"1","service":"a\"b"}`},
	} {
		if got := encoded(t, Of(tree(tt.spans...), tt.mode)); got != tt.want {
			t.Errorf("%s: got %s, want %s", name, got, tt.want)
		}
	}
	if Of(tree(), Duration) != nil {
		t.Error("nothing has a graph")
	}
}

func TestAggregate(t *testing.T) {
	a := NewAggregate(Duration, 100)
	if got := encoded(t, a.Node()); got != `{"name":"aggregate (0 traces)","value":0}` {
		t.Errorf("got %s", got)
	}
	call := func(id string, ms int64) trace.Span {
		s := span(id, "1", "cart", 10, ms*1000)
		s.Operation = "get"
		return s
	}
	a.Add(tree(span("1", "", "web", 0, 100_000), call("2", 10), call("3", 20)))
	if got := a.Node().Name; got != "aggregate (1 trace)" {
		t.Errorf("got %s", got)
	}
	a.Add(tree(span("1", "", "web", 0, 50_000), call("2", 30), span("9", "lost", "db", 0, 7_000)))
	want := `{"name":"aggregate (2 traces)","value":157,"children":[{"name":"web.op1","value":150,"service":"web","children":[{"name":"cart.get","value":60,"service":"cart"}]},` +
		`{"name":"db.op9","value":7,"service":"db"}]}`
	if got := encoded(t, a.Node()); got != want {
		t.Errorf("got %s", got)
	}
}

func TestAggregateInBounds(t *testing.T) {
	a := NewAggregate(Duration, 2)
	a.Add(tree(span("1", "", "web", 0, 10_000), span("2", "1", "a", 0, 1000), span("3", "1", "b", 1, 1000), span("4", "3", "c", 1, 1000)))
	if a.Left() != 2 || strings.Count(encoded(t, a.Node()), `"name"`) != 3 {
		t.Errorf("left %d of %s", a.Left(), encoded(t, a.Node()))
	}
}

func TestParseMode(t *testing.T) {
	for text, want := range map[string]Mode{"": Duration, "duration": Duration, "self": Self} {
		if got, err := ParseMode("mode", text); err != nil || got != want {
			t.Errorf("%q: got %s, %v", text, got, err)
		}
	}
	if _, err := ParseMode("mode", "both"); fault.From(err).Fields[0].Pointer != "mode" {
		t.Errorf("got %v", err)
	}
}

// hostile traces of n spans: a chain, a cycle, a fan, and all doubles.
func hostile(n int) map[string]*trace.Trace {
	list := map[string]*trace.Trace{"chain": {}, "cycle": {}, "fan": {}, "doubles": {}}
	for i := range n {
		id, before := fmt.Sprint(i), fmt.Sprint(i-1)
		list["chain"].Spans = append(list["chain"].Spans, span(id, before, "s", int64(i), int64(2*n)))
		list["cycle"].Spans = append(list["cycle"].Spans, span(id, fmt.Sprint((i+n-1)%n), "s", int64(i), 5))
		list["fan"].Spans = append(list["fan"].Spans, span(id, "0", "s", int64(i), 5))
		list["doubles"].Spans = append(list["doubles"].Spans, span("1", "0", "s", int64(i), 5))
	}
	return list
}

func TestHostileTraces(t *testing.T) {
	const n = 100_000
	for name, tr := range hostile(n) {
		for _, mode := range []Mode{Duration, Self} {
			built := trace.NewTree(tr)
			text := encoded(t, Of(built, mode))
			if got := strings.Count(text, `"spanId"`); got != len(built.Spans) {
				t.Errorf("%s: %d of %d spans are drawn", name, got, len(built.Spans))
			}
			var root any
			if err := json.Unmarshal([]byte(text), &root); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			a := NewAggregate(mode, 1000)
			a.Add(built)
			if nodes := strings.Count(encoded(t, a.Node()), `"name"`); nodes > 1001 {
				t.Errorf("%s: %d nodes", name, nodes)
			}
		}
	}
}

func TestEverySpanHasItsNode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 20).Draw(t, "spans")
		var spans []trace.Span
		for i := range n {
			spans = append(spans, span(fmt.Sprint(i), fmt.Sprint(rapid.IntRange(-1, n).Draw(t, "parent")), "s",
				rapid.Int64Range(0, 1e6).Draw(t, "start"), rapid.Int64Range(0, 1e6).Draw(t, "micros")))
		}
		built := tree(spans...)
		var seen int
		var sum int64
		stack := []*Node{Of(built, Self)}
		for len(stack) > 0 {
			node := stack[len(stack)-1]
			stack = append(stack[:len(stack)-1], node.Children...)
			if node.SpanID != "" {
				seen++
			}
			if sum += node.Value; node.Value < 0 {
				t.Fatalf("negative value of %s", node.Name)
			}
		}
		var all int64
		for _, s := range spans {
			all += max(1, s.Duration/1000)
		}
		if seen != n || sum > all {
			t.Fatalf("%d of %d spans, %d ms of %d", seen, n, sum, all)
		}
	})
}

func BenchmarkOf(b *testing.B) {
	for name, tr := range hostile(100_000) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := Of(trace.NewTree(tr), Duration).Encode(io.Discard); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
