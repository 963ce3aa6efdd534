package criticalpath

import (
	"fmt"
	"reflect"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/platformbuilds/mirador-core/services/traces/internal/trace"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func span(id, parent string, from, to int64) trace.Span {
	return trace.Span{ID: id, Parent: parent, Service: "s" + id, Start: from, Duration: to - from}
}

func consumer(id, parent string, from, to int64) trace.Span {
	s := span(id, parent, from, to)
	s.Kind = trace.KindConsumer
	return s
}

func tree(spans ...trace.Span) *trace.Tree { return trace.NewTree(&trace.Trace{Spans: spans}) }

// written gives the path as "id from-to".
func written(t *trace.Tree, p Path) []string {
	var list []string
	for _, s := range p.Segments {
		id := "-"
		if s.Span != trace.None {
			id = t.Spans[s.Span].ID
		}
		list = append(list, fmt.Sprintf("%s %d-%d", id, s.Start, s.Start+s.Duration))
	}
	return list
}

func TestOf(t *testing.T) {
	for name, tt := range map[string]struct {
		spans []trace.Span
		want  []string
	}{
		"nothing":    {nil, nil},
		"no time":    {[]trace.Span{span("a", "", 5, 5)}, nil},
		"alone":      {[]trace.Span{span("a", "", 5, 15)}, []string{"a 0-10"}},
		"sequential": {[]trace.Span{span("a", "", 100, 200), span("b", "a", 110, 130), span("c", "a", 140, 190)}, []string{"a 0-10", "b 10-30", "a 30-40", "c 40-90", "a 90-100"}},
		// b still ran when c ended, so only b was waited for.
		"parallel": {[]trace.Span{span("a", "", 0, 100), span("b", "a", 10, 90), span("c", "a", 20, 50)}, []string{"a 0-10", "b 10-90", "a 90-100"}},
		// c began when b was still running: b was not waited for before that.
		"overlapping": {[]trace.Span{span("a", "", 0, 100), span("b", "a", 10, 60), span("c", "a", 50, 90), span("d", "a", 0, 40)}, []string{"d 0-40", "a 40-50", "c 50-90", "a 90-100"}},
		"nested":      {[]trace.Span{span("a", "", 0, 100), span("b", "a", 10, 90), span("c", "b", 20, 80)}, []string{"a 0-10", "b 10-20", "c 20-80", "b 80-90", "a 90-100"}},
		"clipped":     {[]trace.Span{span("a", "", 50, 100), span("b", "a", 20, 150)}, []string{"b 0-50"}},
		"outside":     {[]trace.Span{span("a", "", 50, 100), span("b", "a", 10, 40)}, []string{"a 0-50"}},
		"message":     {[]trace.Span{span("a", "", 0, 100), span("b", "a", 40, 50), consumer("c", "b", 80, 300)}, []string{"a 0-40", "b 40-50", "a 50-80", "c 80-300"}},
		"later":       {[]trace.Span{span("a", "", 0, 100), span("b", "a", 150, 200)}, []string{"a 0-100", "- 100-150", "b 150-200"}},
		"two roots":   {[]trace.Span{span("a", "", 0, 100), span("b", "lost", 50, 120)}, []string{"a 0-50", "b 50-120"}},
		"inner root":  {[]trace.Span{span("a", "", 0, 100), span("b", "lost", 50, 60)}, []string{"a 0-100"}},
	} {
		built := tree(tt.spans...)
		if got := written(built, Of(built)); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}

// draw makes any trace: lost parents, cycles, overlaps, messages.
func draw(t *rapid.T) *trace.Tree {
	var spans []trace.Span
	for i := range rapid.IntRange(1, 25).Draw(t, "spans") {
		s := span(fmt.Sprint(i), fmt.Sprint(rapid.IntRange(-1, 26).Draw(t, "parent")), 0, rapid.Int64Range(0, 200).Draw(t, "micros"))
		s.Start, s.Kind = rapid.Int64Range(0, 300).Draw(t, "start"), trace.Kind(rapid.IntRange(0, 5).Draw(t, "kind"))
		s.Service = rapid.SampledFrom([]string{"x", "y"}).Draw(t, "service")
		spans = append(spans, s)
	}
	return tree(spans...)
}

// checkCovers holds the law: the segments follow each other without gaps, and
// add up to the duration.
func checkCovers(t interface{ Fatalf(string, ...any) }, p Path) {
	at := int64(0)
	for _, s := range p.Segments {
		if s.Start != at || s.Duration <= 0 {
			t.Fatalf("segment at %d of %d does not follow %d", s.Start, s.Duration, at)
		}
		at += s.Duration
	}
	if at != p.Duration {
		t.Fatalf("segments cover %d of %d", at, p.Duration)
	}
}

func TestSegmentsCoverTheTrace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		built := draw(t)
		p := Of(built)
		checkCovers(t, p)
		var gaps, shares int64
		for _, s := range p.Segments {
			if s.Span == trace.None {
				gaps += s.Duration
				continue
			}
			of := &built.Spans[s.Span]
			if from := p.Start + s.Start; from < of.Start || from+s.Duration > of.End() {
				t.Fatalf("segment %+v is outside of its span", s)
			}
		}
		for _, share := range p.Shares(built) {
			shares += share
		}
		if gaps+shares != p.Duration {
			t.Fatalf("shares are %d, gaps %d, of %d", shares, gaps, p.Duration)
		}
		most := rapid.IntRange(1, 10).Draw(t, "most")
		short := p.Limit(most)
		checkCovers(t, short)
		if len(short.Segments) > most || short.Duration != p.Duration {
			t.Fatalf("%d segments, want %d", len(short.Segments), most)
		}
	})
}

func TestHostileTraces(t *testing.T) {
	const n = 100_000
	var chain, fan, cycle []trace.Span
	for i := range n {
		id := fmt.Sprint(i)
		chain = append(chain, span(id, fmt.Sprint(i-1), int64(i), int64(3*n-i)))
		fan = append(fan, span(id, "0", int64(i), int64(i+2)))
		cycle = append(cycle, span(id, fmt.Sprint((i+1)%n), int64(i), int64(i+5)))
	}
	for name, spans := range map[string][]trace.Span{"chain": chain, "fan": fan, "cycle": cycle} {
		p := Of(tree(spans...))
		checkCovers(t, p)
		if len(p.Segments) == 0 || len(p.Limit(5000).Segments) > 5000 {
			t.Errorf("%s: %d segments", name, len(p.Segments))
		}
	}
}
