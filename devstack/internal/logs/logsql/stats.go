package logsql

import (
	"strings"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// statsPipe groups rows and reduces each group.
type statsPipe struct {
	by    []bucket
	funcs []statsFunc
	step  int64 // of stats_query_range, for rates; 0 else
}

// statsFunc is one function with its name in the answer.
type statsFunc struct {
	name string
	call string // as written, in normal form
	only filter
	make func(c *call) reduction
}

// reduction is the state of a function over one group.
type reduction interface {
	add(r *Record)
	result() string
}

func (l *lexer) statsPipe() (pipe, error) {
	p := &statsPipe{}
	if l.accept("by") || l.is("(") {
		if err := l.buckets(p); err != nil {
			return nil, errorf("cannot parse 'by' clause: %w", err)
		}
	}
	for {
		f, err := l.statsFunc()
		if err != nil {
			return nil, err
		}
		p.funcs = append(p.funcs, f)
		if !l.accept(",") {
			return p, nil
		}
	}
}

func (l *lexer) statsFunc() (f statsFunc, err error) {
	if f.call, f.make, err = l.reduction(); err != nil {
		return f, err
	}
	if f.only, err = l.condition(); err != nil {
		return f, err
	}
	l.accept("as")
	f.name = f.call
	if !l.is(",") && !l.is(filterEnd...) {
		f.name, err = l.name(true)
	}
	return f, err
}

// String is the normal form.
func (p *statsPipe) String() string {
	text := "stats "
	if len(p.by) > 0 {
		by := make([]string, len(p.by))
		for i, b := range p.by {
			by[i] = quoteIfNeeded(b.name)
			if b.text != "" {
				by[i] += ":" + b.text
			}
		}
		text += "by (" + strings.Join(by, ", ") + ") "
	}
	funcs := make([]string, len(p.funcs))
	for i, f := range p.funcs {
		funcs[i] = f.call + " as " + quoteIfNeeded(f.name)
	}
	return text + strings.Join(funcs, ", ")
}

func (p *statsPipe) nested(_ func(*Query), visit func(filter)) {
	for _, f := range p.funcs {
		if f.only != nil {
			visit(f.only)
		}
	}
}

func (p *statsPipe) attach(c *call, next sink) sink {
	return &statsSink{p: p, c: c, next: next, groups: map[string]*group{}}
}

type statsSink struct {
	p      *statsPipe
	c      *call
	next   sink
	key    []byte
	groups map[string]*group
	order  []*group
}

type group struct {
	by     []store.Field
	states []reduction
}

func (s *statsSink) push(r *Record) bool {
	s.key = s.key[:0]
	for i := range s.p.by {
		s.key = s.p.by[i].key(s.key, r)
	}
	g := s.groups[string(s.key)]
	if g == nil {
		g = s.open(r)
	}
	for i, f := range s.p.funcs {
		if f.only == nil || f.only.match(r) {
			g.states[i].add(r)
		}
	}
	return true
}

func (s *statsSink) open(r *Record) *group {
	g := &group{}
	for _, b := range s.p.by {
		g.by = append(g.by, store.Field{Name: b.name, Value: b.value(r)})
	}
	for _, f := range s.p.funcs {
		g.states = append(g.states, f.make(s.c))
	}
	s.groups[string(s.key)] = g
	s.order = append(s.order, g)
	return g
}

// end gives a row per group; without groups to make, one row in any case.
func (s *statsSink) end() {
	if len(s.order) == 0 && len(s.p.by) == 0 {
		s.key = s.key[:0]
		s.open(made())
	}
	for _, g := range s.order {
		r := made(g.by...)
		for i, f := range s.p.funcs {
			r.set(f.name, g.states[i].result())
		}
		if !s.next.push(r) {
			break
		}
	}
	s.next.end()
}
