package logsql

import (
	"slices"
)

// filter says whether a record matches.
type filter interface{ match(r *Record) bool }

type (
	allFilter struct{}
	notFilter struct{ of filter }
	andFilter struct{ of []filter }
	orFilter  struct{ of []filter }
	// valueFilter looks at the value of one field.
	valueFilter struct {
		field string
		test  func(value string) bool
	}
	// fieldFilter looks at two fields of one row.
	fieldFilter struct {
		field, other string
		test         func(a, b string) bool
	}
	// timeFilter is a range of unix nanoseconds, both ends included.
	timeFilter struct{ start, end int64 }
	// clockFilter is a part of each day or week.
	clockFilter struct{ in func(ns int64) bool }
	// streamFilter is a selector of streams.
	streamFilter struct{ selector selector }
	// inFilter is a set of values, given or asked for with a query.
	inFilter struct {
		field  string
		kind   func(values []string) func(string) bool
		values []string
		query  *Query
		test   func(string) bool
	}
)

func (allFilter) match(*Record) bool { return true }

func (f notFilter) match(r *Record) bool { return !f.of.match(r) }

func (f andFilter) match(r *Record) bool {
	for _, x := range f.of {
		if !x.match(r) {
			return false
		}
	}
	return true
}

func (f orFilter) match(r *Record) bool {
	return slices.ContainsFunc(f.of, func(x filter) bool { return x.match(r) })
}

func (f valueFilter) match(r *Record) bool { return f.test(r.Get(f.field)) }

func (f fieldFilter) match(r *Record) bool { return f.test(r.Get(f.field), r.Get(f.other)) }

func (f timeFilter) match(r *Record) bool {
	t, ok := r.Time()
	return ok && t >= f.start && t <= f.end
}

func (f clockFilter) match(r *Record) bool {
	t, ok := r.Time()
	return ok && f.in(t)
}

func (f streamFilter) match(r *Record) bool { return r.stream != nil && f.selector.match(r.stream) }

func (f *inFilter) match(r *Record) bool { return f.test(r.Get(f.field)) }
