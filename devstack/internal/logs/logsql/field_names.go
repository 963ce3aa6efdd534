package logsql

import (
	"cmp"
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
