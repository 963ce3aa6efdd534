package logsql

import (
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// sortPipe is sort, first or last.
type sortPipe struct {
	text      string
	by        []sortKey
	partition []string
	limit     int // -1 means none
	skip      int
	rank      string
	reverse   bool
}

type sortKey struct {
	name string
	desc bool
}

func (l *lexer) sortPipe() (pipe, error) {
	p := &sortPipe{limit: -1}
	if l.accept("by") || l.is("(") {
		if err := l.sortKeys(p); err != nil {
			return nil, errorf("cannot parse 'by' clause: %w", err)
		}
	}
	return p, l.sortOptions(p)
}

func (l *lexer) sortOptions(p *sortPipe) (err error) {
	for err == nil {
		switch {
		case l.accept("desc"):
			p.reverse = true
		case l.accept("asc"):
		case l.accept("limit"):
			p.limit, err = l.count("'limit'")
		case l.accept("offset"):
			p.skip, err = l.count("'offset'")
		case l.accept("rank"):
			p.rank, err = l.rankName()
		case l.accept("partition"):
			l.accept("by")
			var n names
			n, err = l.namesInParens()
			p.partition = n.exact
		default:
			return nil
		}
	}
	return err
}

func (l *lexer) rankName() (string, error) {
	l.accept("as")
	if l.is(filterEnd...) || l.is("limit", "offset") {
		return "rank", nil
	}
	return l.name(true)
}

func (l *lexer) sortKeys(p *sortPipe) error {
	if !l.accept("(") {
		return errorf("missing `(`")
	}
	for !l.is(")") {
		name, err := l.name(true)
		if err != nil {
			return err
		}
		key := sortKey{name: name, desc: l.accept("desc")}
		if !key.desc {
			l.accept("asc")
		}
		p.by = append(p.by, key)
		if !l.accept(",") && !l.is(")") {
			return errorf("unexpected token %q; want ',' or ')'", l.token)
		}
	}
	l.next()
	return nil
}

// firstPipe reads first or last N by (...).
func (l *lexer) firstPipe(last bool) (pipe, error) {
	p := &sortPipe{limit: 1, reverse: last}
	var err error
	if !l.is("by", "(", "partition", "rank") && !l.is(filterEnd...) {
		if p.limit, err = l.count("'limit'"); err != nil {
			return nil, err
		}
	}
	if l.accept("by") || l.is("(") {
		if err := l.sortKeys(p); err != nil {
			return nil, errorf("cannot parse 'by' clause: %w", err)
		}
	}
	return p, l.sortOptions(p)
}

func (p *sortPipe) String() string { return p.text }

// byTime says whether the scan can give the order by itself.
func (p *sortPipe) byTime() bool {
	return len(p.by) == 1 && p.by[0].name == fieldTime && len(p.partition) == 0
}

func (p *sortPipe) newest() bool { return p.byTime() && p.by[0].desc != p.reverse }

func (p *sortPipe) attach(c *call, next sink) sink {
	out := next
	if p.rank != "" {
		out = &rankSink{name: p.rank, next: out, at: p.skip}
	}
	if len(p.partition) == 0 {
		out = &cutSink{p.limit, p.skip, out}
	}
	if p.byTime() && len(c.query.pipes) > 0 && c.query.pipes[0] == pipe(p) {
		return out
	}
	return &sortSink{p: p, next: out}
}

// sortSink keeps all records, or twice as many as the limit lets through.
type sortSink struct {
	p    *sortPipe
	kept []sorted
	next sink
}

type sorted struct {
	r    *Record
	keys []ranked
}

func (s *sortSink) push(r *Record) bool {
	s.kept = append(s.kept, sorted{r.clone(), s.keys(r)})
	if most := 2 * (s.p.limit + s.p.skip + 1000); s.p.limit >= 0 && len(s.p.partition) == 0 && len(s.kept) > most {
		s.order()
		s.kept = s.kept[:s.p.limit+s.p.skip]
	}
	return true
}

// keys are the values to order by; without names, all of the record.
func (s *sortSink) keys(r *Record) []ranked {
	if len(s.p.by) == 0 {
		var b strings.Builder
		for _, f := range r.All() {
			b.WriteString(f.Name + "=" + f.Value + ",")
		}
		return []ranked{{text: b.String()}}
	}
	keys := make([]ranked, len(s.p.by))
	for i, k := range s.p.by {
		keys[i] = rankedOf(r.Get(k.name))
	}
	return keys
}

func (s *sortSink) order() {
	sort.SliceStable(s.kept, func(i, j int) bool {
		a, b := s.kept[i].keys, s.kept[j].keys
		for k := range a {
			if a[k].text == b[k].text {
				continue
			}
			desc := s.p.reverse != (len(s.p.by) > 0 && s.p.by[k].desc)
			if desc {
				return b[k].less(a[k])
			}
			return a[k].less(b[k])
		}
		return false
	})
}

func (s *sortSink) end() {
	s.order()
	seen := map[string]int{}
	for _, k := range s.kept {
		if len(s.p.partition) > 0 && !s.within(seen, k.r) {
			continue
		}
		if !s.next.push(k.r) {
			break
		}
	}
	s.next.end()
}

// within applies skip and limit to each partition.
func (s *sortSink) within(seen map[string]int, r *Record) bool {
	key := ""
	for _, name := range s.p.partition {
		key += strconv.Quote(r.Get(name))
	}
	seen[key]++
	n := seen[key]
	return n > s.p.skip && (s.p.limit < 0 || n <= s.p.skip+s.p.limit)
}

// rankSink numbers records from 1.
type rankSink struct {
	name string
	at   int
	next sink
}

func (s *rankSink) push(r *Record) bool {
	s.at++
	r.change()
	r.Fields = slices.Insert(r.Fields, 0, store.Field{Name: s.name, Value: strconv.Itoa(s.at)})
	return s.next.push(r)
}

func (s *rankSink) end() { s.next.end() }
