package shoplogs

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/platformbuilds/mirador-core/devstack/internal/journey"
	"github.com/platformbuilds/mirador-core/devstack/internal/shop"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func now() time.Time { return time.Date(2026, 3, 6, 15, 0, 0, 0, time.UTC) }

func tell(seed uint64) *shop.Shop { return shop.New(seed, now().Add(-6*time.Hour), now()) }

func traffic(seed uint64, tenant string) *journey.Traffic {
	return journey.New(tell(seed), journey.For(tenant, tenant+"-marker"))
}

// lines are the rows of a window as JSON.
func lines(t *journey.Traffic, from, to time.Time) []string {
	var all []string
	Rows(t, from, to, func(r *Row) { all = append(all, string(r.AppendJSON(nil))) })
	return all
}

// window draws a story and a few minutes of it, often in its incident.
func window(t *rapid.T) (story *journey.Traffic, from, to time.Time) {
	seed := rapid.Uint64Range(0, 600).Draw(t, "seed")
	from = now().Add(-6 * time.Hour).Add(time.Duration(rapid.Int64Range(0, int64(5*time.Hour)).Draw(t, "from")))
	if told := tell(seed).Incidents; len(told) > 0 && rapid.Bool().Draw(t, "incident") {
		from = told[0].End.Add(-time.Minute)
	}
	tenant := rapid.SampledFrom([]string{"demo", "other"}).Draw(t, "tenant")
	return traffic(seed, tenant), from, from.Add(time.Duration(rapid.Int64Range(1, int64(4*time.Minute)).Draw(t, "length")))
}

func TestWindowsJoinWithoutLossOrDoubles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		story, from, to := window(t)
		cut := from.Add(time.Duration(rapid.Int64Range(0, int64(to.Sub(from))).Draw(t, "cut")))
		whole := lines(story, from, to)
		parts := append(lines(story, from, cut), lines(story, cut, to)...)
		slices.Sort(whole)
		slices.Sort(parts)
		if !reflect.DeepEqual(whole, parts) {
			t.Fatalf("%d rows in one window, %d in its two parts", len(whole), len(parts))
		}
	})
}

func TestCountIsThatOfTheRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		story, from, to := window(t)
		got, want := Count(story, from, to), NewCounts()
		for _, line := range lines(story, from, to) {
			var row map[string]string
			if err := json.Unmarshal([]byte(line), &row); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			at, err := time.Parse(time.RFC3339Nano, row["_time"])
			if err != nil || at.Before(from) || !at.Before(to) {
				t.Fatalf("row of %s (%v) in the window %v to %v", row["_time"], err, from, to)
			}
			want.Add(row["service"], row["level"], at, 1)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("counted %+v, told %+v", got, want)
		}
	})
}

func TestEveryRowIsMarkedForItsTenantOnly(t *testing.T) {
	for _, tenant := range []string{"demo", "other"} {
		for _, line := range lines(traffic(3, tenant), now().Add(-30*time.Minute), now()) {
			if !strings.Contains(line, `"marker":"`+tenant+`-marker"`) {
				t.Fatalf("no marker of %s in %s", tenant, line)
			}
			if foreign := map[string]string{"demo": "other-marker", "other": "demo-marker"}[tenant]; strings.Contains(line, foreign) {
				t.Fatalf("%s in a row of %s: %s", foreign, tenant, line)
			}
		}
	}
}

func TestAnHourIsLargeUnevenAndHasTies(t *testing.T) {
	for seed := range uint64(6) {
		night := shop.New(seed, time.Date(2026, 3, 6, 0, 0, 0, 0, time.UTC), now())
		story, from := journey.New(night, journey.For("demo", "demo-marker")), night.Start.Add(time.Hour)
		c := Count(story, from, from.Add(time.Hour))
		least, most := c.Total, 0
		for _, rows := range c.PerMinute {
			least, most = min(least, rows), max(most, rows)
		}
		if c.Total < 10_000 || len(c.PerMinute) != 60 || least == 0 || most < least+20 {
			t.Errorf("seed %d: %d rows in the quietest hour, %d to %d in a minute", seed, c.Total, least, most)
		}
		for _, level := range []string{Debug, Info, Warn, Error} {
			if c.ByLevel[level] == 0 {
				t.Errorf("seed %d: no row of level %s in an hour", seed, level)
			}
		}
		times := map[int64]bool{}
		Rows(story, from, from.Add(time.Hour), func(r *Row) { times[r.Time.UnixNano()] = true })
		if ties := c.Total - len(times); ties < 100 || len(times) < c.Total/2 {
			t.Errorf("seed %d: %d of %d rows share their time with another", seed, ties, c.Total)
		}
	}
}

func TestTracedRowsNameKeptTraces(t *testing.T) {
	story, from := traffic(1, "demo"), now().Add(-time.Hour)
	kept := map[string]bool{}
	story.Slots(from, now(), func(v *journey.View) {
		v.Journeys(func(j *journey.Journey) {
			if j.Traced {
				kept[j.TraceID()] = true
			}
		})
	})
	named := map[string]bool{}
	for _, line := range lines(story, from, now()) {
		var row map[string]string
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		if id := row["trace_id"]; id != "" {
			named[id] = true
			if !kept[id] || len(row["span_id"]) != 16 {
				t.Fatalf("nobody keeps the trace of %s", line)
			}
		}
	}
	if len(named) < 500 {
		t.Errorf("rows of an hour name %d traces", len(named))
	}
}

// bad counts the rows of a service that are warnings or errors, and those of
// them whose message has the sign of the kind in it.
func bad(t *journey.Traffic, service, sign string, from, to time.Time) (all, rows, signed int) {
	Rows(t, from, to, func(r *Row) {
		if r.Service.Name != service {
			return
		}
		all++
		if r.Level == Warn || r.Level == Error {
			rows++
			if message, _ := r.Fields(nil); strings.Contains(message, sign) {
				signed++
			}
		}
	})
	return all, rows, signed
}

func TestIncidentIsToldByItsService(t *testing.T) {
	signs := map[shop.Kind]string{shop.DatabaseLatency: "waited", shop.MemoryLeak: "heap is tight", shop.BadDeploy: "panic recovered",
		shop.QueueBackup: "messages waiting", shop.CPUSaturation: "workers saturated"}
	for seed := uint64(1); seed <= 17; seed++ {
		story := tell(seed)
		if len(story.Incidents) == 0 {
			continue
		}
		i := story.Incidents[0]
		told := journey.New(story, journey.For("demo", "demo-marker"))
		from := i.Start.Add(i.End.Sub(i.Start) / 2)
		all, rows, signed := bad(told, i.Service, signs[i.Kind], from, i.End)
		allBefore, rowsBefore, signedBefore := bad(told, i.Service, signs[i.Kind], i.Start.Add(-30*time.Minute), i.Start)
		if share, usual := float64(rows)/float64(all), float64(rowsBefore)/float64(allBefore); share < .05+usual || signed < 3 || signedBefore > 0 {
			t.Errorf("seed %d, %v: bad share %.3f (usual %.3f), %d rows with %q (before: %d)", seed, i, share, usual, signed, signs[i.Kind], signedBefore)
		}
	}
}

func TestKilledProcessIsTold(t *testing.T) {
	story := tell(2)
	i := story.Incidents[0]
	all := strings.Join(lines(journey.New(story, journey.For("demo", "demo-marker")), i.End, i.End.Add(2*time.Minute)), "")
	for _, want := range []string{"exit code 137", i.Service + " v", "connection refused"} {
		if !strings.Contains(all, want) {
			t.Errorf("nothing says %q after %v", want, i)
		}
	}
}
