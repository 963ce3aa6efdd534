package compare

import (
	"reflect"
	"testing"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/services/traces/internal/trace"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func span(id, parent, operation string, from, to int64, failed bool) trace.Span {
	return trace.Span{ID: id, Parent: parent, Service: "shop", Operation: operation, Start: from, Duration: to - from, Error: failed}
}

func tree(spans ...trace.Span) *trace.Tree { return trace.NewTree(&trace.Trace{Spans: spans}) }

func TestOperations(t *testing.T) {
	here := tree(span("1", "", "root", 0, 100_000, true), span("2", "1", "slow", 0, 50_000, false), span("3", "1", "new", 60_000, 61_000, false),
		span("4", "1", "flaky", 70_000, 71_000, true), span("5", "1", "same", 80_000, 81_000, false), span("6", "1", "same", 82_000, 83_000, false))
	there := tree(span("1", "", "root", 0, 58_000, true), span("2", "1", "slow", 0, 10_000, false), span("3", "1", "old", 20_000, 22_000, false),
		span("4", "1", "flaky", 30_000, 31_000, false), span("5", "1", "same", 40_000, 41_000, false))
	var got []Operation
	kinds := map[string]Kind{}
	for _, o := range Operations(here, there) {
		got = append(got, o)
		kinds[o.Name] = o.Kind
	}
	want := map[string]Kind{"root": Same, "slow": Slower, "new": OnlyHere, "old": OnlyThere, "flaky": Failing, "same": More}
	if !reflect.DeepEqual(kinds, want) {
		t.Errorf("got %v, want %v", kinds, want)
	}
	if first := got[0]; first.Name != "slow" || first.Here != (Amount{Spans: 1, Self: 50_000, Duration: 50_000}) || first.There.Self != 10_000 {
		t.Errorf("got %+v first", first)
	}
}

func TestKinds(t *testing.T) {
	for _, tt := range []struct {
		here, there Amount
		want        Kind
	}{
		{Amount{Spans: 1}, Amount{}, OnlyHere},
		{Amount{}, Amount{Spans: 1}, OnlyThere},
		{Amount{Spans: 1, Errors: 1}, Amount{Spans: 1}, Failing},
		{Amount{Spans: 1, Self: 999}, Amount{Spans: 1}, Same},
		{Amount{Spans: 1, Self: 1000}, Amount{Spans: 1}, Slower},
		{Amount{Spans: 1, Self: 104_000}, Amount{Spans: 1, Self: 100_000}, Same},
		{Amount{Spans: 1, Self: 110_000}, Amount{Spans: 1, Self: 100_000}, Slower},
		{Amount{Spans: 1, Self: 90_000}, Amount{Spans: 1, Self: 100_000}, Faster},
		{Amount{Spans: 2, Self: 200_000}, Amount{Spans: 1, Self: 100_000}, More},
		{Amount{Spans: 1, Self: 100_000}, Amount{Spans: 3, Self: 300_000}, Fewer},
	} {
		if got := kind(tt.here, tt.there); got != tt.want {
			t.Errorf("%+v and %+v: got %s, want %s", tt.here, tt.there, got, tt.want)
		}
	}
}

func TestSummarize(t *testing.T) {
	got := Summarize(tree(span("1", "", "a", 100, 200, true), trace.Span{ID: "2", Service: "other", Start: 150, Duration: 100}))
	if got != (Summary{Duration: 150, Spans: 2, Errors: 1, Services: 2}) {
		t.Errorf("got %+v", got)
	}
	if got := Summarize(tree()); got != (Summary{}) {
		t.Errorf("got %+v", got)
	}
}
