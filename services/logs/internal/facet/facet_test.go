package facet

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

func TestBuild(t *testing.T) {
	for _, tt := range []struct {
		name   string
		values []Value
		totals Totals
		limit  int
		want   Facet
	}{
		{"all", []Value{{"b", 1}, {"a", 1}, {"c", 5}}, Totals{7, 0, 3}, 5,
			Facet{Field: "f", Values: []Value{{"c", 5}, {"a", 1}, {"b", 1}}}},
		{"missing", []Value{{"", 4}, {"a", 1}}, Totals{5, 4, 1}, 5,
			Facet{Field: "f", Values: []Value{{"a", 1}}, Missing: 4}},
		{"capped", []Value{{"a", 3}, {"b", 2}, {"", 1}}, Totals{10, 1, 7}, 1,
			Facet{Field: "f", Values: []Value{{"a", 3}}, Other: 6, Missing: 1, Capped: true}},
		{"nothing", nil, Totals{}, 5, Facet{Field: "f"}},
		{"rows came between", []Value{{"a", 9}}, Totals{8, 0, 1}, 5, Facet{Field: "f", Values: []Value{{"a", 9}}}},
	} {
		got := Build("f", tt.values, tt.totals, tt.limit)
		if len(got.Values) == 0 {
			got.Values = nil
		}
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %+v", tt.name, got)
		}
	}
}

// Values, other and missing add up to the rows.
func TestSumIsTheRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hits := rapid.SliceOfN(rapid.Uint64Range(1, 50), 0, 9).Draw(t, "hits")
		missing := rapid.Uint64Range(0, 9).Draw(t, "missing")
		totals := Totals{Rows: missing, Missing: missing, Values: uint64(len(hits))}
		values := []Value{{"", missing}}
		for i, n := range hits {
			values = append(values, Value{string(rune('a' + i)), n})
			totals.Rows += n
		}
		f := Build("f", values, totals, rapid.IntRange(1, 10).Draw(t, "limit"))
		sum := f.Other + f.Missing
		for i, v := range f.Values {
			if sum += v.Hits; i > 0 && v.Hits > f.Values[i-1].Hits {
				t.Fatalf("%v is not in order", f.Values)
			}
		}
		if sum != totals.Rows || f.Capped != (len(f.Values) < len(hits)) {
			t.Fatalf("%+v of %+v", f, totals)
		}
	})
}
