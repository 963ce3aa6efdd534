package logsql

import (
	"strconv"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

func (l *lexer) unionPipe() (pipe, error) {
	q, err := l.subquery()
	if err != nil {
		return nil, err
	}
	return &otherPipe{query: q, make: func(c *call, next sink) sink { return &unionSink{c, q, next, false} }}, nil
}

// unionSink sends the rows of another query after its own.
type unionSink struct {
	c    *call
	q    *Query
	next sink
	over bool
}

func (s *unionSink) push(r *Record) bool {
	s.over = !s.next.push(r)
	return !s.over
}

func (s *unionSink) end() {
	if !s.over && s.c.err == nil {
		s.c.err = s.q.Run(s.c.ctx, s.c.from, s.next.push)
	}
	s.next.end()
}

func (l *lexer) joinPipe() (pipe, error) {
	l.accept("by", "on")
	by, err := l.namesInParens()
	if err != nil {
		return nil, errorf("cannot parse 'by(...)': %w", err)
	}
	if len(by.exact) == 0 || len(by.prefixes) > 0 {
		return nil, errorf("join needs the names of the fields to join by")
	}
	q, err := l.subquery()
	if err != nil {
		return nil, err
	}
	j := joining{by: by.exact, q: q, inner: l.accept("inner")}
	if l.accept("prefix") {
		j.prefix, err = l.value()
	}
	return &otherPipe{query: q, make: func(c *call, next sink) sink {
		return &joinSink{joining: j, c: c, next: next}
	}}, err
}

type joining struct {
	by     []string
	q      *Query
	inner  bool
	prefix string
}

// joinSink adds the fields of another query's rows that have the same values.
type joinSink struct {
	joining
	c     *call
	next  sink
	other map[string][][]store.Field
}

func (s *joinSink) key(r *Record) string {
	key := ""
	for _, name := range s.by {
		key += strconv.Quote(r.Get(name))
	}
	return key
}

func (s *joinSink) read() {
	s.other = map[string][][]store.Field{}
	s.c.err = s.q.Run(s.c.ctx, s.c.from, func(r *Record) bool {
		key := s.key(r)
		s.other[key] = append(s.other[key], r.clone().Fields)
		return true
	})
}

func (s *joinSink) push(r *Record) bool {
	if s.other == nil {
		s.read()
	}
	if s.c.err != nil {
		return false
	}
	matches := s.other[s.key(r)]
	if len(matches) == 0 {
		return s.inner || s.next.push(r)
	}
	for _, fields := range matches {
		joined := r.clone()
		for _, f := range fields {
			if !s.joins(f.Name) {
				joined.set(s.prefix+f.Name, f.Value)
			}
		}
		if !s.next.push(joined) {
			return false
		}
	}
	return true
}

func (s *joinSink) joins(name string) bool {
	for _, by := range s.by {
		if by == name {
			return true
		}
	}
	return false
}

func (s *joinSink) end() { s.next.end() }
