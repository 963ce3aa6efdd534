package logsql

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// Value is a value, or the name of a field, with the rows that have it.
type Value struct {
	Value string
	Hits  int
}

// FieldNames counts, per field, the rows of the streams that have the field in
// any row of the answer: like the real server, which counts by blocks.
type FieldNames struct {
	streams map[string]*streamNames
}

type streamNames struct {
	rows  int
	names map[string]struct{}
}

// Add counts a record.
func (n *FieldNames) Add(r *Record) {
	if n.streams == nil {
		n.streams = map[string]*streamNames{}
	}
	stream := ""
	if r.stream != nil {
		stream = r.stream.Text
	}
	s := n.streams[stream]
	if s == nil {
		s = &streamNames{names: map[string]struct{}{}}
		n.streams[stream] = s
	}
	s.rows++
	for _, f := range r.Fields {
		if _, known := s.names[f.Name]; !known && f.Value != "" {
			s.names[f.Name] = struct{}{}
		}
	}
	if r.Row != nil && s.rows == 1 {
		for _, name := range []string{fieldTime, fieldStream, fieldStreamID} {
			s.names[name] = struct{}{}
		}
	}
}

// Values are the names, the most frequent first, then in order of the alphabet.
func (n *FieldNames) Values() []Value {
	hits := map[string]int{}
	for _, s := range n.streams {
		for name := range s.names {
			hits[name] += s.rows
		}
	}
	return Ranked(hits)
}

// Ranked orders by hits, the most first, then by value.
func Ranked(hits map[string]int) []Value {
	all := make([]Value, 0, len(hits))
	for v, n := range hits {
		all = append(all, Value{v, n})
	}
	slices.SortFunc(all, func(a, b Value) int { return cmp.Or(cmp.Compare(b.Hits, a.Hits), strings.Compare(a.Value, b.Value)) })
	return all
}

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

func hitsField(n int) store.Field { return store.Field{Name: "hits", Value: strconv.Itoa(n)} }

// gather takes all records and answers at the end.
type gather struct {
	add    func(*Record)
	finish func()
}

func (g *gather) push(r *Record) bool { g.add(r); return true }

func (g *gather) end() { g.finish() }

func (l *lexer) fieldNamesPipe() (pipe, error) {
	column := "name"
	var err error
	if l.accept("as") {
		column, err = l.name(true)
	}
	return &otherPipe{columns: column, make: func(_ *call, next sink) sink {
		n := &FieldNames{}
		return &gather{n.Add, func() {
			for _, v := range n.Values() {
				next.push(made(store.Field{Name: column, Value: v.Value}, hitsField(v.Hits)))
			}
			next.end()
		}}
	}}, err
}

func (l *lexer) fieldValuesPipe() (pipe, error) {
	name, err := l.name(true)
	if err != nil {
		return nil, err
	}
	p := &uniqPipe{by: []string{name}}
	p.hits = p.free("hits")
	if l.accept("limit") {
		p.limit, err = l.count("'limit'")
	}
	return p, err
}

func (l *lexer) blocksCountPipe() (pipe, error) {
	return &otherPipe{make: func(_ *call, next sink) sink {
		streams := map[string]bool{}
		return &gather{func(r *Record) { streams[r.Get(fieldStream)] = true }, func() {
			next.push(made(store.Field{Name: "blocks_count", Value: strconv.Itoa(len(streams))}))
			next.end()
		}}
	}}, nil
}
