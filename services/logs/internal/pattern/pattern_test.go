package pattern

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var began = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

// seedRows are the recorded rows of the first tenant.
func seedRows(t *testing.T) []Row {
	t.Helper()
	f, err := os.Open("../../../../devstack/testdata/golden/seed/logs-0-0.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var rows []Row
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var line struct {
			Time    any    `json:"_time"`
			Message string `json:"_msg"`
			Service string
			Level   string
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		text, _ := line.Time.(string)
		at, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			at = began
		}
		rows = append(rows, Row{Message: line.Message, Service: line.Service, Level: line.Level, Time: at})
	}
	return rows
}

func mine(limits Limits, rows []Row) Result {
	m := New(limits)
	for _, r := range rows {
		m.Add(r, Asked)
	}
	return m.Result()
}

func TestRecordedRows(t *testing.T) {
	got := map[string]uint64{}
	rows := seedRows(t)
	result := mine(Limits{}, rows)
	for _, p := range result.Patterns {
		got[p.Template] = p.Count[Asked]
	}
	for _, want := range []string{
		"request served <*> status=<num> took=<dur>",
		"slow request path=/api/checkout took=<dur>",
		"request failed: connection refused to db-<num> <*>",
		"cache miss key=user:<num>",
	} {
		if got[want] == 0 {
			t.Errorf("no pattern %q in %v", want, got)
		}
	}
	if result.Rows[Asked] != uint64(len(rows)) || result.Dropped != 0 {
		t.Errorf("%d rows, %d dropped", result.Rows[Asked], result.Dropped)
	}
}

func TestOrderDoesNotMatter(t *testing.T) {
	rows := seedRows(t)
	want := mine(Limits{}, rows)
	for seed := range uint64(20) {
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		if got := mine(Limits{}, rows); !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d:\n%+v\nnot\n%+v", seed, got, want)
		}
	}
}

// generated draws rows of a few programs' messages.
func generated(t *rapid.T) []Row {
	words := rapid.SampledFrom([]string{"user", "order", "failed", "ok", "a1", "7", "10ms", "x=1", "x=2", "to"})
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Row {
		message := ""
		for range rapid.IntRange(1, 6).Draw(t, "words") {
			message += words.Draw(t, "word") + " "
		}
		return Row{Message: message, Service: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "service"),
			Time: began.Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "second")) * time.Second)}
	}), 0, 60).Draw(t, "rows")
}

func TestMergeIsOneMiner(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := generated(t)
		at := rapid.IntRange(0, len(rows)).Draw(t, "at")
		a, b := New(Limits{}), New(Limits{})
		for i, r := range rows {
			if i < at {
				a.Add(r, Asked)
			} else {
				b.Add(r, Asked)
			}
		}
		b.Merge(a)
		if got, want := b.Result(), mine(Limits{}, rows); !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v, want %+v", got, want)
		}
	})
}

func TestCountsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := generated(t)
		result := mine(Limits{Children: 2}, rows)
		var sum uint64
		for _, p := range result.Patterns {
			sum += p.Count[Asked]
			if p.ID != ID(p.Template) || p.First.After(p.Last) {
				t.Fatalf("%+v", p)
			}
		}
		if sum != uint64(len(rows)) {
			t.Fatalf("%d of %d rows", sum, len(rows))
		}
	})
}

func TestFewWordsAreKept(t *testing.T) {
	var rows []Row
	for i, name := range []string{"ann", "bob", "cid", "dan", "eve", "fay"} {
		rows = append(rows, Row{Message: fmt.Sprintf("order %d was paid", i)}, Row{Message: fmt.Sprintf("order %d was refused", i)},
			Row{Message: "session 7 opened for " + name})
	}
	got := map[string]uint64{}
	for _, p := range mine(Limits{}, rows).Patterns {
		got[p.Template] = p.Count[Asked]
	}
	want := map[string]uint64{"order <num> was paid": 6, "order <num> was refused": 6, "session <num> opened for <*>": 6}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestBounds(t *testing.T) {
	const texts, rows = 50, 5000
	m := New(Limits{Texts: texts, Children: 5})
	for i := range rows {
		m.Add(Row{Message: fmt.Sprintf("w%d a%d %d", i%7, i, i), Time: began}, Asked)
		m.Add(Row{Message: fmt.Sprintf("only%dx", i), Time: began}, Asked)
		if len(m.shapes) > texts {
			t.Fatalf("%d texts", len(m.shapes))
		}
	}
	result := m.Result()
	if result.Dropped == 0 {
		t.Error("nothing dropped")
	}
	var longs uint64
	for _, p := range result.Patterns {
		if p.Template == "<*> <*> <num>" || len(p.Template) > 8 {
			longs += p.Count[Asked]
		}
	}
	if longs == 0 {
		t.Errorf("no common template in %+v", result.Patterns)
	}
}

func TestWhatIsKnownOfAPattern(t *testing.T) {
	m := New(Limits{})
	m.Add(Row{Message: "order 1 paid", Service: "shop", Level: "info", Time: began.Add(2 * time.Second)}, Asked)
	m.Add(Row{Message: "order 2 paid", Service: "shop", Level: "warn", Time: began}, Asked)
	m.Add(Row{Message: "order 3 paid", Service: "till", Level: "info", Time: began.Add(time.Second)}, Asked)
	m.Add(Row{Message: "order 4 paid", Service: "old", Time: began.Add(-time.Hour)}, Compared)
	m.Add(Row{Message: "gone 4", Time: began.Add(-time.Hour)}, Compared)
	got := m.Result()
	want := Pattern{
		ID: ID("order <num> paid"), Template: "order <num> paid", Count: [groups]uint64{3, 1},
		First: began, Last: began.Add(2 * time.Second), Sample: "order 1 paid",
		Services: []Value{{"shop", 2}, {"till", 1}}, Levels: []Value{{"info", 2}, {"warn", 1}},
	}
	if !reflect.DeepEqual(got.Patterns[0], want) {
		t.Errorf("%+v, want %+v", got.Patterns[0], want)
	}
	if got.Rows != [groups]uint64{3, 2} {
		t.Errorf("rows %v", got.Rows)
	}
}

func TestIDIsTheSameEverywhere(t *testing.T) {
	if got, want := ID("order <num> paid"), "d1d6e8853dd5d028"; got != want {
		t.Errorf("ID is %s, want %s: kept ids would lose their patterns", got, want)
	}
}
