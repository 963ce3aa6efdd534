package logsql

import (
	"math/rand/v2"
	"slices"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

func (l *lexer) fieldsPipe() (pipe, error) {
	n, err := l.nameList()
	single := ""
	if len(n.exact) == 1 && len(n.prefixes) == 0 {
		single = n.exact[0]
	}
	return rowPipe{single: single, change: func(r *Record) bool {
		if !n.all() {
			r.remove(func(name string) bool { return !n.match(name) })
		}
		return true
	}}, err
}

func (l *lexer) deletePipe() (pipe, error) {
	n, err := l.nameList()
	return rowPipe{change: func(r *Record) bool {
		r.remove(n.match)
		return true
	}}, err
}

func (l *lexer) copyPipe() (pipe, error) {
	pairs, err := l.pairs()
	return rowPipe{change: func(r *Record) bool {
		for _, p := range pairs {
			for _, f := range slices.Clone(r.All()) {
				if to, ok := renamed(p, f.Name); ok {
					r.set(to, f.Value)
				}
			}
		}
		return true
	}}, err
}

func (l *lexer) renamePipe() (pipe, error) {
	pairs, err := l.pairs()
	return rowPipe{change: func(r *Record) bool {
		r.change()
		for _, p := range pairs {
			rename(r, p)
		}
		return true
	}}, err
}

func rename(r *Record, p [2]string) {
	moved := r.Fields[:0:0]
	gone := map[string]bool{}
	for _, f := range r.Fields {
		if to, ok := renamed(p, f.Name); ok {
			moved = append(moved, store.Field{Name: to, Value: f.Value})
			gone[f.Name], gone[to] = true, true
		}
	}
	if len(moved) == 0 {
		return
	}
	r.remove(func(name string) bool { return gone[name] })
	r.Fields = append(r.Fields, moved...)
}

func (l *lexer) filterPipe() (pipe, error) {
	from := l.offset()
	f, err := l.or("")
	if err != nil {
		return nil, err
	}
	return rowPipe{text: "filter " + l.whole[from:l.offset()], inner: f, change: f.match}, nil
}

func (l *lexer) dropEmptyPipe() (pipe, error) {
	return rowPipe{change: func(r *Record) bool {
		r.change()
		r.Fields = slices.DeleteFunc(r.Fields, func(f store.Field) bool { return f.Value == "" })
		return len(r.Fields) > 0
	}}, nil
}

func (l *lexer) samplePipe() (pipe, error) {
	n, err := l.count("sample")
	if err == nil && n < 1 {
		err = errorf("unexpected sample=%d; it must be bigger than 0", n)
	}
	return rowPipe{change: func(*Record) bool { return rand.IntN(n) == 0 }}, err
}

// cutPipe is limit or offset.
type cutPipe struct {
	text        string
	limit, skip int // limit -1 means none
}

func (l *lexer) limitPipe() (pipe, error) {
	if l.is(filterEnd...) {
		return &cutPipe{limit: 10}, nil
	}
	n, err := l.count("rows limit")
	return &cutPipe{limit: n}, err
}

func (l *lexer) offsetPipe() (pipe, error) {
	n, err := l.count("the number of rows to skip")
	return &cutPipe{limit: -1, skip: n}, err
}

func (p *cutPipe) String() string { return p.text }

func (p *cutPipe) attach(_ *call, next sink) sink { return &cutSink{p.limit, p.skip, next} }

type cutSink struct {
	limit, skip int
	next        sink
}

func (s *cutSink) push(r *Record) bool {
	if s.skip > 0 {
		s.skip--
		return true
	}
	if s.limit == 0 {
		return false
	}
	s.limit--
	return s.next.push(r) && s.limit != 0
}

func (s *cutSink) end() { s.next.end() }
