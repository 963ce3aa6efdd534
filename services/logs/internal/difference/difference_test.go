package difference

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func all(rows Rows) func(string) Rows { return func(string) Rows { return rows } }

func TestRank(t *testing.T) {
	cases := []struct {
		name   string
		values []Value
		rows   Rows
		want   string
	}{
		{"nothing", nil, Rows{100, 100}, ""},
		{"equal shares of unequal windows", []Value{{"a", "x", 500, 50}}, Rows{1000, 100}, ""},
		{"no rows to compare with", []Value{{"a", "x", 500, 0}}, Rows{1000, 0}, ""},
		{"too few to tell", []Value{{"a", "x", 2, 0}}, Rows{10, 10}, ""},
		{"appeared", []Value{{"a", "x", 200, 0}}, Rows{1000, 1000}, "a=x appeared"},
		{"vanished", []Value{{"a", "x", 0, 200}}, Rows{1000, 1000}, "a=x vanished"},
		{"more and less", []Value{{"level", "info", 500, 900}, {"level", "error", 500, 100}}, Rows{1000, 1000},
			"level=error more, level=info less"},
		{"the rare value before the one that gave way", []Value{{"s", "200", 800, 1000}, {"s", "500", 200, 0}}, Rows{1000, 1000},
			"s=500 appeared, s=200 less"},
		{"limit", []Value{{"a", "1", 900, 0}, {"a", "2", 800, 0}, {"a", "3", 700, 0}, {"a", "4", 600, 0}}, Rows{1000, 1000},
			"a=1 appeared, a=2 appeared, a=3 appeared"},
		{"rows that arrived in between", []Value{{"a", "x", 1100, 0}}, Rows{1000, 1000}, "a=x appeared"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			for i, d := range Rank(c.values, all(c.rows), 3) {
				if i > 0 {
					got += ", "
				}
				got += fmt.Sprintf("%s=%s %s", d.Field, d.Value.Value, d.Kind)
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// counted draws values with their rows.
func counted(t *rapid.T) ([]Value, Rows) {
	rows := Rows{rapid.Uint64Range(0, 5000).Draw(t, "bad"), rapid.Uint64Range(0, 5000).Draw(t, "good")}
	n := rapid.IntRange(0, 8).Draw(t, "values")
	values := make([]Value, n)
	for i := range values {
		values[i] = Value{"f", fmt.Sprint(i), rapid.Uint64Range(0, rows.Bad).Draw(t, "in bad"), rapid.Uint64Range(0, rows.Good).Draw(t, "in good")}
	}
	return values, rows
}

func TestSwappedWindowsSwapKinds(t *testing.T) {
	swapped := map[Kind]Kind{Appeared: Vanished, Vanished: Appeared, More: Less, Less: More}
	rapid.Check(t, func(t *rapid.T) {
		values, rows := counted(t)
		there := Rank(values, all(rows), 100)
		for i := range values {
			values[i].Bad, values[i].Good = values[i].Good, values[i].Bad
		}
		back := Rank(values, all(Rows{rows.Good, rows.Bad}), 100)
		if len(there) != len(back) {
			t.Fatalf("%d and %d", len(there), len(back))
		}
		for i, d := range there {
			o := back[i]
			if o.Value.Value != d.Value.Value || o.Kind != swapped[d.Kind] || o.Score != d.Score || o.BadShare != d.GoodShare {
				t.Fatalf("%+v and %+v", d, o)
			}
		}
	})
}

func TestScoresLieBetween0And1(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values, rows := counted(t)
		last := 1.0
		for _, d := range Rank(values, all(rows), 100) {
			if math.IsNaN(d.Score) || d.Score <= 0 || d.Score > last {
				t.Fatalf("score %v after %v", d.Score, last)
			}
			last = d.Score
		}
	})
}

func TestEqualWindowsDoNotDiffer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values, rows := counted(t)
		for i := range values {
			values[i].Good = min(values[i].Bad, rows.Bad)
		}
		if found := Rank(values, all(Rows{rows.Bad, rows.Bad}), 100); len(found) != 0 {
			t.Fatalf("%+v", found)
		}
	})
}

// TestIncident plants one value into noise: a version that fails, and all that
// follows from it.
func TestIncident(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	counts := map[[2]string]*Value{}
	const rows = 20_000
	count := func(bad bool, field, value string) {
		key := [2]string{field, value}
		if counts[key] == nil {
			counts[key] = &Value{Field: field, Value: value}
		}
		if bad {
			counts[key].Bad++
		} else {
			counts[key].Good++
		}
	}
	for i := range 2 * rows {
		bad := i%2 == 0
		version, level := "v1", "info"
		if bad && random.Float64() < 0.3 {
			version = "v2"
		}
		if fails := 0.01; random.Float64() < fails || version == "v2" && random.Float64() < 0.8 {
			level = "error"
		}
		count(bad, "version", version)
		count(bad, "level", level)
		count(bad, "service", fmt.Sprintf("s%d", random.IntN(20)))
		count(bad, "status", fmt.Sprint(200+random.IntN(5)))
	}
	var values []Value
	for _, v := range counts {
		values = append(values, *v)
	}
	found := Rank(values, all(Rows{rows, rows}), 10)
	if len(found) != 4 || found[0].Field != "version" || found[0].Value.Value != "v2" || found[1].Value.Value != "error" {
		t.Errorf("%+v", found)
	}
}
