package logsql

// Filter is a filter of its own, for And.
type Filter struct{ of filter }

// ParseFilter reads a filter without pipes; its errors have no query around them.
func ParseFilter(text string, now int64) (Filter, error) {
	l := newLexer(text, now)
	q, err := l.query()
	if err != nil {
		return Filter{}, errorf("%w; context: [%s]", err, l.seen())
	}
	if !l.isEnd() {
		return Filter{}, errorf("unexpected unparsed tail after [%s]; context: [%s]; tail: [%s]", q, l.seen(), l.rest)
	}
	if len(q.pipes) > 0 {
		return Filter{}, errorf("unexpected pipes after the filter [%s]; pipes: %v", q.text, q.pipes)
	}
	return Filter{q.filter}, nil
}

// FieldIn is the filter for a field with one of these values; in streams, the
// field must be a label.
func FieldIn(field string, values []string, ofStream bool) Filter {
	test := oneOf(values)
	if ofStream {
		return Filter{streamFilter{selector{{{field, test}}}}}
	}
	return Filter{valueFilter{field, test}}
}

// AllOf is the conjunction of filters; none of them matches everything.
func AllOf(all []Filter) Filter {
	of := make([]filter, len(all))
	for i, f := range all {
		of[i] = f.of
	}
	return Filter{allOf(of)}
}
