package logsql

import (
	"cmp"
	"maps"
	"slices"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// Facets counts the values of every field.
type Facets struct {
	// Limit is how many values of a field are shown; 0 means 10.
	Limit int
	// MaxValues leaves out fields with more values; 0 means 1000.
	MaxValues int
	// MaxLen leaves out fields with longer values; 0 means 128 bytes.
	MaxLen int
	// KeepConst shows fields that have one value in every row, too.
	KeepConst bool

	rows   int
	fields map[string]map[string]int // nil values: the field is left out
}

// Facet is a field with its most frequent values.
type Facet struct {
	Name   string
	Values []Value
}

// Add counts a record.
func (f *Facets) Add(r *Record) {
	if f.fields == nil {
		f.fields = map[string]map[string]int{}
		f.Limit, f.MaxValues, f.MaxLen = cmp.Or(f.Limit, 10), cmp.Or(f.MaxValues, 1000), cmp.Or(f.MaxLen, 128)
	}
	f.rows++
	for _, x := range r.Fields {
		f.count(x)
	}
	if r.Row == nil {
		return
	}
	f.count(store.Field{Name: fieldStream, Value: r.Row.Stream.Text})
	f.count(store.Field{Name: fieldStreamID, Value: r.streamID()})
	if values, known := f.fields[fieldTime]; values != nil || !known { // writing times is dear
		f.count(store.Field{Name: fieldTime, Value: FormatTime(r.Row.Time)})
	}
}

func (f *Facets) count(x store.Field) {
	values, known := f.fields[x.Name]
	if x.Value == "" {
		return
	}
	if !known {
		values = map[string]int{}
		f.fields[x.Name] = values
	}
	if values == nil {
		return
	}
	values[x.Value]++
	if len(x.Value) > f.MaxLen || len(values) > f.MaxValues {
		f.fields[x.Name] = nil
	}
}

// Facets are the fields in order of the alphabet.
func (f *Facets) Facets() (all []Facet) {
	for _, name := range slices.Sorted(maps.Keys(f.fields)) {
		values := Ranked(f.fields[name])
		if len(values) == 0 || len(values) == 1 && values[0].Hits == f.rows && !f.KeepConst {
			continue
		}
		all = append(all, Facet{name, values[:min(len(values), f.Limit)]})
	}
	return all
}

func (l *lexer) facetsPipe() (pipe, error) {
	var limit, most, longest int
	keep := false
	var err error
	if !l.is("max_values_per_field", "max_value_len", "keep_const_fields") && !l.is(filterEnd...) {
		limit, err = l.count("N in 'facets N'")
	}
	for err == nil && !l.is(filterEnd...) {
		switch {
		case l.accept("max_values_per_field"):
			most, err = l.count("'max_values_per_field'")
		case l.accept("max_value_len"):
			longest, err = l.count("'max_value_len'")
		case l.accept("keep_const_fields"):
			keep = true
		default:
			err = errorf("unexpected token %q", l.token)
		}
	}
	return &otherPipe{make: func(_ *call, next sink) sink {
		f := &Facets{Limit: limit, MaxValues: most, MaxLen: longest, KeepConst: keep}
		return &gather{f.Add, func() {
			for _, facet := range f.Facets() {
				for _, v := range facet.Values {
					next.push(made(store.Field{Name: "field_name", Value: facet.Name}, store.Field{Name: "field_value", Value: v.Value}, hitsField(v.Hits)))
				}
			}
			next.end()
		}}
	}}, err
}
