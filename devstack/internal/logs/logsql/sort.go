package logsql

import (
	"sort"
	"strconv"
	"strings"
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
