package logsql

import (
	"slices"
	"strconv"
	"strings"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// uniqPipe is uniq or top: combinations of values with their hits.
type uniqPipe struct {
	text  string
	by    []string
	hits  string // name of the hits in the answer, "" for none
	limit int    // 0 means none
	top   bool
	rank  string
}

func (p *uniqPipe) String() string { return p.text }

func (p *uniqPipe) column() string {
	if len(p.by) == 1 && p.hits == "" {
		return p.by[0]
	}
	return ""
}

func (p *uniqPipe) attach(_ *call, next sink) sink {
	return &uniqSink{p: p, next: next, seen: map[string]*tally{}}
}

// tally is a combination of values and how often it was there.
type tally struct {
	fields []store.Field
	hits   int
}

type uniqSink struct {
	p    *uniqPipe
	next sink
	key  []byte
	seen map[string]*tally
	list []*tally
}

func (s *uniqSink) push(r *Record) bool {
	s.key = s.key[:0]
	if len(s.p.by) == 0 {
		s.key = AppendJSON(s.key, r)
	}
	for _, name := range s.p.by {
		v := r.Get(name)
		s.key = append(strconv.AppendInt(s.key, int64(len(v)), 10), ':')
		s.key = append(s.key, v...)
	}
	t := s.seen[string(s.key)]
	if t == nil {
		if !s.p.top && s.p.limit > 0 && len(s.list) >= s.p.limit {
			return true
		}
		t = &tally{fields: s.fields(r)}
		s.seen[string(s.key)] = t
		s.list = append(s.list, t)
	}
	t.hits++
	return true
}

func (s *uniqSink) fields(r *Record) []store.Field {
	if len(s.p.by) == 0 {
		return slices.Clone(r.All())
	}
	fields := make([]store.Field, len(s.p.by))
	for i, name := range s.p.by {
		fields[i] = store.Field{Name: name, Value: r.Get(name)}
	}
	return fields
}

func (s *uniqSink) end() {
	if s.p.top {
		slices.SortStableFunc(s.list, byHits)
		s.list = s.list[:min(len(s.list), s.p.limit)]
	}
	for i, t := range s.list {
		r := made(slices.Clone(t.fields)...)
		if s.p.hits != "" {
			r.set(s.p.hits, strconv.Itoa(t.hits))
		}
		if s.p.rank != "" {
			r.set(s.p.rank, strconv.Itoa(i+1))
		}
		if !s.next.push(r) {
			break
		}
	}
	s.next.end()
}

// byHits orders by hits, the most first, then by values.
func byHits(a, b *tally) int {
	if a.hits != b.hits {
		return b.hits - a.hits
	}
	for i := range min(len(a.fields), len(b.fields)) {
		if c := strings.Compare(a.fields[i].Value, b.fields[i].Value); c != 0 {
			return c
		}
	}
	return 0
}
