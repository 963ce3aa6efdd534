package logsql

import (
	"context"
	"math"
	"strings"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// Query is a parsed query, to be run once. The methods that narrow it must
// come before Run.
type Query struct {
	text   string // the filter as written
	window string // the filter that Between put before it, as text
	filter filter
	pipes  []pipe
	now    int64
	start  int64
	end    int64
}

// Source is where rows come from.
type Source struct {
	Store  *store.Store
	Tenant store.Tenant
}

// Parse reads a query; now, in unix nanoseconds, is what relative times in it
// count from. Errors have the real server's texts and end in a context: the
// query up to what could not be read.
func Parse(text string, now int64) (*Query, error) {
	l := newLexer(text, now)
	q, err := l.query()
	if err != nil {
		return nil, errorf("cannot parse query [%s]: %w; context: [%s]", text, err, l.seen())
	}
	if !l.isEnd() {
		return nil, errorf("cannot parse query [%s]: unexpected unparsed tail after [%s]; context: [%s]; tail: [%s]", text, q, l.seen(), l.rest)
	}
	return q, nil
}

func (l *lexer) query() (*Query, error) {
	l.depth++
	defer func() { l.depth-- }()
	if l.depth > maxDepth {
		return nil, errDeep
	}
	if err := l.options(); err != nil {
		return nil, err
	}
	if l.is(filterEnd...) {
		return nil, errorf("missing query")
	}
	q := &Query{now: l.context.now, start: math.MinInt64, end: math.MaxInt64}
	from := l.offset()
	f, err := l.or("")
	if err != nil {
		return nil, err
	}
	q.filter, q.text = f, strings.TrimSpace(l.whole[from:l.offset()])
	if q.pipes, err = l.pipes(); err != nil {
		return nil, err
	}
	q.fold()
	return q, nil
}

// offset is where the token begins.
func (l *lexer) offset() int { return len(l.whole) - len(l.rest) - len(l.raw) }

func (l *lexer) options() error {
	if !l.is("options") || !strings.HasPrefix(l.rest, "(") {
		return nil
	}
	l.next()
	for l.next(); !l.is(")"); {
		if !l.is("concurrency") {
			return errorf("unexpected option %q", l.token)
		}
		if l.next(); !l.accept("=") {
			return errorf("missing '=' after an option")
		}
		if l.next(); !l.accept(",") && !l.is(")") {
			return errorf("missing ')' after options")
		}
	}
	l.next()
	return nil
}

// subquery reads a query in parentheses.
func (l *lexer) subquery() (*Query, error) {
	if !l.accept("(") {
		return nil, errorf("missing '('")
	}
	q, err := l.query()
	if err != nil {
		return nil, err
	}
	if !l.accept(")") {
		return nil, errorf("missing ')' after '(%s'", q)
	}
	return q, nil
}

// String writes the query as error texts show it.
func (q *Query) String() string {
	parts := []string{strings.TrimSpace(q.window + " " + q.text)}
	for _, p := range q.pipes {
		parts = append(parts, p.String())
	}
	return strings.Join(parts, " | ")
}

// Between leaves rows from start to end, both included and in unix
// nanoseconds, in subqueries too. The text stands for it in error texts.
func (q *Query) Between(start, end int64, text string) {
	q.window = text
	q.each(func(q *Query) {
		q.start, q.end = max(q.start, start), min(q.end, end)
	})
}

// And leaves rows that a filter matches too, in subqueries as well; the
// stream_context pipe goes past it, as on the real server.
func (q *Query) And(f Filter) {
	q.each(func(q *Query) { q.filter = allOf([]filter{f.of, q.filter}) })
}

// each visits the query and all within it.
func (q *Query) each(visit func(*Query)) {
	visit(q)
	subqueries(q.filter, func(in *inFilter) { in.query.each(visit) })
	for _, p := range q.pipes {
		if n, ok := p.(nesting); ok {
			n.nested(func(q *Query) { q.each(visit) }, func(f filter) {
				subqueries(f, func(in *inFilter) { in.query.each(visit) })
			})
		}
	}
}

// nesting is a pipe that has queries or filters within.
type nesting interface {
	nested(query func(*Query), filter func(filter))
}

func subqueries(f filter, visit func(*inFilter)) {
	switch f := f.(type) {
	case notFilter:
		subqueries(f.of, visit)
	case andFilter:
		for _, x := range f.of {
			subqueries(x, visit)
		}
	case orFilter:
		for _, x := range f.of {
			subqueries(x, visit)
		}
	case *inFilter:
		if f.query != nil {
			visit(f)
		}
	}
}

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

// Window returns the first and the last nanosecond that the query looks at.
func (q *Query) Window() (start, end int64) {
	start, end = bounds(q.filter)
	return max(start, q.start), min(end, q.end)
}

// Run visits the rows of the answer; visit returns false to end early. A done
// context ends it with the context's error.
func (q *Query) Run(ctx context.Context, from Source, visit func(*Record) bool) error {
	c := &call{ctx: ctx, from: from, query: q}
	if err := c.prepare(); err != nil {
		return err
	}
	return c.run(&visitor{visit})
}

type visitor struct{ visit func(*Record) bool }

func (v *visitor) push(r *Record) bool { return v.visit(r) }

func (v *visitor) end() {}

// AllOf is the conjunction of filters; none of them matches everything.
func AllOf(all []Filter) Filter {
	of := make([]filter, len(all))
	for i, f := range all {
		of[i] = f.of
	}
	return Filter{allOf(of)}
}
