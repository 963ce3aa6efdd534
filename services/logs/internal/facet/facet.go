// Package facet arranges the frequent values of a field: the values with most
// rows, and what is left beside them, so that the sum is the number of rows.
package facet

import (
	"cmp"
	"slices"
)

// Value is a value with its rows.
type Value struct {
	Value string
	Hits  uint64
}

// Totals of a field.
type Totals struct {
	// Rows of the query, Missing those without the field.
	Rows, Missing uint64
	// Values is the number of different values.
	Values uint64
}

// Facet is one field: Values, Other and Missing add up to the rows.
type Facet struct {
	// Field name.
	Field string
	// Values, most rows first.
	Values []Value
	// Other counts the rows whose value is not among them.
	Other uint64
	// Missing counts the rows without the field.
	Missing uint64
	// Capped tells that the field has more values.
	Capped bool
}

// Build arranges values, of which the empty one stands for rows without the
// field, and keeps at most limit of them.
func Build(field string, values []Value, t Totals, limit int) Facet {
	f := Facet{Field: field, Missing: t.Missing, Capped: t.Values > uint64(limit)}
	for _, v := range values {
		if v.Value != "" {
			f.Values = append(f.Values, v)
		}
	}
	slices.SortFunc(f.Values, func(a, b Value) int {
		return cmp.Or(cmp.Compare(b.Hits, a.Hits), cmp.Compare(a.Value, b.Value))
	})
	f.Values = f.Values[:min(limit, len(f.Values))]
	used := f.Missing
	for _, v := range f.Values {
		used += v.Hits
	}
	// Rows that came between the counts of values and of rows are left out.
	if used < t.Rows {
		f.Other = t.Rows - used
	}
	return f
}
