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
