package live

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	logsv1 "github.com/platformbuilds/mirador-core/proto/gen/logs/v1"
)

// However often a tail is cut and repeated from where it resumes, every row is
// sent once and none is missed.
func TestSeam(t *testing.T) {
	epoch := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		var rows []*logsv1.TailRow
		var times []time.Time
		at := epoch
		for range rapid.IntRange(0, 30).Draw(t, "rows") {
			at = at.Add(time.Duration(rapid.IntRange(0, 2).Draw(t, "gap")) * time.Nanosecond)
			text := fmt.Sprintf(`{"n":%d}`, rapid.IntRange(0, 2).Draw(t, "text")) // equal rows are rows, too
			rows = append(rows, &logsv1.TailRow{Json: []byte(text), Time: at.Format(time.RFC3339Nano)})
			times = append(times, at)
		}
		s := newSeam(Place{Time: epoch})
		s.cut()
		var got []*logsv1.TailRow
		for done := 0; done < len(rows); {
			from := s.Time
			s.cut()
			upto := rapid.IntRange(done, len(rows)).Draw(t, "upto")
			for i, r := range rows[:upto] {
				if !times[i].Before(from) && s.fresh(r) {
					got = append(got, r)
				}
			}
			done = max(done, upto)
		}
		if len(got) != len(rows) {
			t.Fatalf("%d of %d rows", len(got), len(rows))
		}
		for i := range got {
			if string(got[i].GetJson()) != string(rows[i].GetJson()) || got[i].GetTime() != rows[i].GetTime() {
				t.Fatalf("row %d is %v", i, got[i])
			}
		}
	})
}

func TestPace(t *testing.T) {
	var p pace
	now := time.Unix(0, 0)
	for i := range burst {
		if !p.take(now) {
			t.Fatalf("%d of the burst refused", i)
		}
	}
	if p.take(now) || p.take(now.Add(100*time.Millisecond)) || !p.take(now.Add(300*time.Millisecond)) || p.take(now.Add(300*time.Millisecond)) {
		t.Error("the bucket fills at another pace")
	}
	if p.take(now.Add(time.Hour)); p.level != burst-1 {
		t.Errorf("it overflows: %v", p.level)
	}
}

func TestConfig(t *testing.T) {
	if err := Defaults().Validate(); err != nil {
		t.Error(err)
	}
	if err := (Config{PingInterval: time.Second, MaxMessageSize: 125, MaxConnections: 1, MaxPerTenant: 1}).Validate(); err == nil {
		t.Error("no streams of a user at all")
	}
}
