package traces

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// TestSearchAgreesWithSpans: a search finds the traces that a look at every
// span finds, newest first, each with all of its spans.
func TestSearchAgreesWithSpans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(rapid.Custom(drawSpan), 1, 60).Draw(t, "spans")
		for i := range all {
			all[i].span = i + 1
			all[i].duration += time.Duration(i) // no two end at once
		}
		s := New(Options{Now: recorded})
		for part := range slices.Chunk(all, 7) {
			s.Add(store.Tenant{}, resourceSpans(part...))
		}
		args, want := drawSearch(t, all)
		w := get(t, s, "/select/jaeger/api/traces?"+args.Encode())
		var got []string
		for _, trace := range w.Data {
			got = append(got, trace.TraceID)
			if n := count(all, func(m made) bool { return m.traceID() == trace.TraceID }); n != len(trace.Spans) {
				t.Fatalf("trace %s: %d spans of %d", trace.TraceID, len(trace.Spans), n)
			}
		}
		if !slices.Equal(got, want) || w.Total != len(want) {
			t.Fatalf("%v: found %v (total %d), want %v", args, got, w.Total, want)
		}
	})
}

func drawSpan(t *rapid.T) made {
	return made{
		trace: rapid.IntRange(1, 8).Draw(t, "trace"), service: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "service"),
		name: rapid.SampledFrom([]string{"x", "y"}).Draw(t, "name"), tag: rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, "tag"),
		after: time.Duration(rapid.IntRange(0, 600).Draw(t, "after")) * time.Second, duration: time.Duration(rapid.IntRange(0, 5).Draw(t, "long")) * time.Second,
	}
}

// drawSearch returns arguments and the ids that they should find.
func drawSearch(t *rapid.T, all []made) (url.Values, []string) {
	args := url.Values{"service": {rapid.SampledFrom([]string{"a", "b", "none"}).Draw(t, "of")}}
	from, to := start.Add(100*time.Second), start.Add(500*time.Second+time.Microsecond)
	args.Set("start", strconv.FormatInt(from.UnixMicro(), 10))
	args.Set("end", strconv.FormatInt(to.UnixMicro(), 10))
	limit, tag, shortest := rapid.IntRange(0, 5).Draw(t, "limit"), rapid.SampledFrom([]string{"", "1"}).Draw(t, "by tag"), rapid.IntRange(-1, 3).Draw(t, "min")
	args.Set("limit", strconv.Itoa(limit))
	if tag != "" {
		args.Set("tags", fmt.Sprintf(`{"k":%q}`, tag))
	}
	if shortest >= 0 {
		args.Set("minDuration", strconv.Itoa(shortest)+"s")
	}
	var ids []string
	for _, m := range slices.SortedFunc(slices.Values(all), func(a, b made) int { return cmp.Compare(b.end(), a.end()) }) {
		fits := m.service == args.Get("service") && m.end() >= from.UnixNano() && m.end() <= to.UnixNano()
		fits = fits && (tag == "" || m.tag == tag) && (shortest < 0 || m.duration > time.Duration(shortest)*time.Second)
		if fits && !slices.Contains(ids, m.traceID()) && len(ids) < limit {
			ids = append(ids, m.traceID())
		}
	}
	return args, ids
}

func count[T any](all []T, is func(T) bool) (n int) {
	for _, x := range all {
		if is(x) {
			n++
		}
	}
	return n
}
