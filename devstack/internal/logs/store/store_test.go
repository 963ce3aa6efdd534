package store

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

func at(offset time.Duration, msg string) Row {
	return Row{Time: noon.Add(offset).UnixNano(), Fields: []Field{{"_msg", msg}}}
}

func messages(s *Store, t Tenant, r Range) (all []string) {
	s.Scan(t, r, func(row *Row) bool {
		all = append(all, row.Fields[0].Value)
		return true
	})
	return all
}

// TestScanIsASort compares scans of rows that came in any order and in any
// number of Adds with a stable sort of them.
func TestScanIsASort(t *testing.T) {
	streams := []*Stream{NewStream([]Field{{"a", "1"}}), NewStream([]Field{{"a", "2"}})}
	rapid.Check(t, func(t *rapid.T) {
		s := New(Options{Now: clock})
		var all []Row
		for range rapid.IntRange(1, 3).Draw(t, "adds") {
			var rows []Row
			step := time.Duration(rapid.IntRange(-3, 3).Draw(t, "step")) * time.Millisecond
			for i := range rapid.SampledFrom([]int{1, 10, 100, 5000}).Draw(t, "rows") {
				rows = append(rows, Row{Time: noon.Add(-time.Hour + time.Duration(i)*step).UnixNano(), Stream: streams[i%2],
					Fields: []Field{{"n", fmt.Sprint(len(all) + i)}, {"a", fmt.Sprint(1 + i%2)}, {"b", fmt.Sprint(i % 7)}}})
			}
			all = append(all, rows...)
			s.Add(Tenant{}, slices.Clone(rows))
		}
		sorted := slices.Clone(all)
		slices.SortStableFunc(sorted, func(a, b Row) int { return int(a.Time - b.Time) })
		want := func(r Range) (list []scanned) {
			for _, row := range sorted {
				if row.Time >= r.Start && row.Time <= r.End && (r.Keep == nil || r.Keep(row.Stream)) {
					list = append(list, scannedOf(row))
				}
			}
			if r.Newest {
				slices.Reverse(list)
			}
			return list
		}
		r := Range{Start: all[rapid.IntRange(0, len(all)-1).Draw(t, "start")].Time, End: all[rapid.IntRange(0, len(all)-1).Draw(t, "end")].Time}
		for _, r := range []Range{All(), {Start: math.MinInt64, End: math.MaxInt64, Newest: true}, r, {Start: r.Start, End: r.End, Newest: true},
			{Start: math.MinInt64, End: r.End, Keep: func(s *Stream) bool { return s == streams[1] }}} {
			var got []scanned
			s.Scan(Tenant{}, r, func(row *Row) bool {
				got = append(got, scannedOf(*row))
				return true
			})
			if w := want(r); !sameOrder(got, w) {
				t.Fatalf("%v: %d rows, want %d", r, len(got), len(w))
			}
		}
	})
}

// sameOrder allows rows of one time to come in any order: a chunk that is
// sealed between two of them may change it.
func sameOrder(got, want []scanned) bool {
	if !slices.EqualFunc(got, want, func(a, b scanned) bool { return a.time == b.time }) {
		return false
	}
	byFields := func(a, b scanned) int { return strings.Compare(a.fields, b.fields) }
	slices.SortFunc(got, byFields)
	slices.SortFunc(want, byFields)
	return slices.Equal(got, want)
}

// scanned is what a scan showed of a row.
type scanned struct {
	time   int64
	stream *Stream
	fields string
}

func scannedOf(r Row) scanned {
	s := scanned{time: r.Time, stream: r.Stream}
	for _, f := range r.Fields {
		s.fields += f.Name + f.Value
	}
	return s
}

func TestValuesSurvivePacking(t *testing.T) {
	s := New(Options{Now: clock})
	stream := NewStream([]Field{{"service", "cart"}, {"empty", ""}})
	odd := []Field{{"_msg", ""}, {"service", "cart"}, {"service", "forged"}, {"x", "a"}, {"x", "a"}, {"long", string(make([]byte, 300))}, {"", "nameless"}}
	var rows []Row
	for range chunkRows {
		rows = append(rows, Row{Time: noon.UnixNano(), Stream: stream, Fields: slices.Clone(odd)})
	}
	s.Add(Tenant{}, rows)
	n := 0
	s.Scan(Tenant{}, All(), func(r *Row) bool {
		n++
		if !slices.Equal(r.Fields, odd) {
			t.Fatalf("got %q, want %q", r.Fields, odd)
		}
		return true
	})
	if n != chunkRows {
		t.Errorf("%d rows", n)
	}
}

func TestTenantsAreApart(t *testing.T) {
	s := New(Options{Now: clock})
	s.Add(Tenant{1, 0}, []Row{at(0, "one")})
	s.Add(Tenant{0, 1}, []Row{at(0, "other")})
	if got := messages(s, Tenant{1, 0}, All()); !slices.Equal(got, []string{"one"}) {
		t.Errorf("got %q", got)
	}
	if got := messages(s, Tenant{}, All()); got != nil {
		t.Errorf("unknown tenant sees %q", got)
	}
}

func TestRetention(t *testing.T) {
	now := noon
	s := New(Options{Now: func() time.Time { return now }, Retention: time.Hour})
	if kept := s.Add(Tenant{}, []Row{at(-2*time.Hour, "old"), at(-59*time.Minute, "in"), at(49*time.Hour, "ahead")}); kept != 1 {
		t.Errorf("kept %d", kept)
	}
	now = now.Add(2 * time.Minute)
	if got := messages(s, Tenant{}, All()); got != nil {
		t.Errorf("still there: %q", got)
	}
	for range chunkRows {
		s.Add(Tenant{}, []Row{at(0, "fresh")})
	}
	now = now.Add(2 * time.Hour)
	s.Add(Tenant{}, []Row{at(2*time.Hour, "new")})
	if n := s.Len(Tenant{}); n > 10 {
		t.Errorf("%d rows are kept", n)
	}
	if got := messages(s, Tenant{}, All()); !slices.Equal(got, []string{"new"}) {
		t.Errorf("seen: %q", got)
	}
}

func TestMaxRows(t *testing.T) {
	s := New(Options{Now: clock, MaxRows: 2 * chunkRows})
	for i := range 5 * chunkRows {
		s.Add(Tenant{}, []Row{at(time.Duration(i), fmt.Sprint(i))})
	}
	if n := s.Len(Tenant{}); n > 3*chunkRows {
		t.Errorf("%d rows", n)
	}
	if got := messages(s, Tenant{}, Range{Start: math.MinInt64, End: math.MaxInt64, Newest: true}); got[0] != fmt.Sprint(5*chunkRows-1) {
		t.Errorf("the newest is %s", got[0])
	}
}

func TestVisibility(t *testing.T) {
	now := noon
	s := New(Options{Now: func() time.Time { return now }, Visible: time.Second})
	sub := s.Subscribe(Tenant{}, All(), func(*Row) bool { return true })
	defer sub.Stop()
	s.Add(Tenant{}, []Row{at(0, "late")})
	if got := messages(s, Tenant{}, All()); got != nil || len(sub.Rows) != 0 {
		t.Errorf("seen at once: %q", got)
	}
	now = now.Add(time.Second)
	sub.Settle()
	if got := <-sub.Rows; len(got) != 1 || len(messages(s, Tenant{}, All())) != 1 {
		t.Errorf("not seen: %v", got)
	}
}

func TestSubscriptionLosesNothing(t *testing.T) {
	s := New(Options{Now: clock})
	const rows = 3000
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range rows {
			s.Add(Tenant{}, []Row{at(time.Duration(i), fmt.Sprint(i))})
		}
	}()
	seen := map[string]int{}
	sub := s.Subscribe(Tenant{}, All(), func(r *Row) bool { seen[r.Fields[0].Value]++; return true })
	defer sub.Stop()
	for len(seen) < rows {
		for _, r := range <-sub.Rows {
			seen[r.Fields[0].Value]++
		}
	}
	<-done
	for msg, n := range seen {
		if n != 1 {
			t.Errorf("row %s came %d times", msg, n)
		}
	}
}

func TestSlowSubscriberIsTold(t *testing.T) {
	s := New(Options{Now: clock})
	sub := s.Subscribe(Tenant{}, All(), func(*Row) bool { return true })
	defer sub.Stop()
	for range backlog + 2 {
		s.Add(Tenant{}, []Row{at(0, "x")})
	}
	n := 0
	for range sub.Rows {
		n++
	}
	if n != backlog {
		t.Errorf("%d of %d Adds came before the end", n, backlog)
	}
}

// TestStreamIDs are those of the recorded server.
func TestStreamIDs(t *testing.T) {
	for _, c := range []struct {
		tenant Tenant
		labels []Field
		id     string
		text   string
	}{
		{Tenant{}, nil, "0000000000000000e934a84adb05276890d7f7bfcadabe92", "{}"},
		{Tenant{0x5d, 1}, nil, "0000005d00000001e934a84adb05276890d7f7bfcadabe92", "{}"},
		{Tenant{}, []Field{{"service", "payment"}, {"host", "node-1"}, {"host", "second"}}, "00000000000000002157179a022f7a7859a6c648d9310370", `{host="node-1",service="payment"}`},
	} {
		s := NewStream(c.labels)
		if s.ID(c.tenant) != c.id || s.Text != c.text {
			t.Errorf("%s %s, want %s %s", s.ID(c.tenant), s.Text, c.id, c.text)
		}
	}
}
