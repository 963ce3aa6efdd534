package histogram

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/platformbuilds/mirador-core/services/logs/internal/window"
)

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestParseStep(t *testing.T) {
	for in, want := range map[string]time.Duration{"": time.Minute, "60000": time.Minute, "5m": 5 * time.Minute, "1500": 1500 * time.Millisecond,
		"1d": 24 * time.Hour, "0": 0, "-5": 0, "often": 0, "0s": 0, "1e3": 1000 * time.Second, "99999999999999": 0, "10y": 0} {
		got, err := ParseStep(in)
		if got != want || (err != nil) != (want == 0) {
			t.Errorf("%q: got %s, %v", in, got, err)
		}
	}
}

func TestStarts(t *testing.T) {
	for _, tt := range []struct {
		name, start, end string
		step             time.Duration
		first, last      string
		n                int
	}{
		{"aligned", "2026-11-20T10:00:00Z", "2026-11-20T11:00:00.999999999Z", time.Minute, "2026-11-20T10:00:00Z", "2026-11-20T10:59:00Z", 60},
		{"exclusive end", "2026-11-20T10:00:00Z", "2026-11-20T10:59:59.999Z", time.Minute, "2026-11-20T10:00:00Z", "2026-11-20T10:59:00Z", 60},
		{"not aligned", "2026-11-20T10:07:30Z", "2026-11-20T10:37:30Z", 15 * time.Minute, "2026-11-20T10:00:00Z", "2026-11-20T10:30:00Z", 3},
		{"one", "2026-11-20T10:00:01Z", "2026-11-20T10:00:02Z", time.Hour, "2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z", 1},
		{"odd step", "2026-11-20T10:00:00Z", "2026-11-20T11:00:00.5Z", 60_000 * time.Second, "2026-11-20T02:00:00Z", "2026-11-20T02:00:00Z", 1},
		{"seconds", "2026-11-20T10:00:00Z", "2026-11-20T10:00:02.999999999Z", time.Second, "2026-11-20T10:00:00Z", "2026-11-20T10:00:02Z", 3},
		{"too many", "2026-11-20T10:00:00Z", "2026-11-20T10:00:10.0005Z", time.Millisecond, "", "", 0},
		{"backwards", "2026-11-20T10:00:00Z", "2026-11-20T09:59:59Z", time.Hour, "", "", 0},
	} {
		starts, err := Starts(window.Window{Start: at(tt.start), End: at(tt.end)}, tt.step)
		if tt.n == 0 {
			if !errors.Is(err, ErrStep) {
				t.Errorf("%s: got %v", tt.name, err)
			}
			continue
		}
		if err != nil || len(starts) != tt.n || !starts[0].Equal(at(tt.first)) || !starts[tt.n-1].Equal(at(tt.last)) {
			t.Errorf("%s: got %v, %v", tt.name, starts, err)
		}
	}
}

func TestBuild(t *testing.T) {
	starts, err := Starts(window.Window{Start: at("2026-11-20T10:00:00Z"), End: at("2026-11-20T10:03:00.999999999Z")}, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	ten := starts[0]
	h := Build(starts, time.Minute, []Count{
		{At: ten.Add(2 * time.Minute), Value: "b", Rows: 2}, {At: ten, Value: "a", Rows: 1}, {At: ten, Rest: true, Rows: 9},
		{At: ten, Value: Other, Rows: 2}, {At: ten.Add(-time.Minute), Value: "a", Rows: 100}, {At: ten.Add(time.Hour), Value: "a", Rows: 100}})
	want := Histogram{Starts: starts, Counts: []uint64{12, 0, 2}, Total: 14, Groups: []Group{
		{"b", []uint64{0, 0, 2}, 2}, {Other, []uint64{2, 0, 0}, 2}, {"a", []uint64{1, 0, 0}, 1}, {Other, []uint64{9, 0, 0}, 9}}}
	if !reflect.DeepEqual(h, want) {
		t.Errorf("got %+v", h)
	}
	// Rows in the second that the end covers have a bucket of their own.
	h = Build(starts, time.Minute, []Count{{At: ten.Add(3 * time.Minute), Rows: 4}})
	if len(h.Starts) != 4 || !reflect.DeepEqual(h.Counts, []uint64{0, 0, 0, 4}) {
		t.Errorf("got %+v", h)
	}
}

// Folding moves rows between values and loses none.
func TestFoldKeepsTheSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var counts []Count
		var sum uint64
		for range rapid.IntRange(0, 30).Draw(t, "counts") {
			c := Count{At: at("2026-11-20T10:00:00Z"), Value: rapid.SampledFrom([]string{"", "a", "b", "c", "d"}).Draw(t, "value"),
				Rows: rapid.Uint64Range(1, 9).Draw(t, "rows")}
			counts, sum = append(counts, c), sum+c.Rows
		}
		limit := rapid.IntRange(1, 5).Draw(t, "limit")
		h := Build([]time.Time{at("2026-11-20T10:00:00Z")}, time.Minute, Fold(counts, limit))
		if h.Total != sum || len(h.Groups) > limit+1 {
			t.Fatalf("%d rows in %d groups, not %d", h.Total, len(h.Groups), sum)
		}
		for i := 1; i < len(h.Groups) && i < limit; i++ {
			if h.Groups[i].Total > h.Groups[i-1].Total {
				t.Fatalf("not in order: %+v", h.Groups)
			}
		}
	})
}
