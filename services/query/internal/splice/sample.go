package splice

import "slices"

// sample collects metric names and label keys of the first series.
type sample struct {
	limits  Limits
	metrics []Metric
	index   map[string]int
	bytes   int

	// The series in hand: its name, and its keys one after the other in
	// arena, each up to its entry of ends.
	name, arena []byte
	ends        []int
}

func (s *sample) reset(limits Limits) {
	clear(s.index)
	*s = sample{limits: limits, index: s.index, name: s.name[:0], arena: s.arena[:0], ends: s.ends[:0]}
}

func (s *sample) named(name []byte) { s.name = append(s.name[:0], name...) }

func (s *sample) label(key []byte) {
	if len(s.ends) < s.limits.Labels {
		s.arena = append(s.arena, key...)
		s.ends = append(s.ends, len(s.arena))
	}
}

// commit adds the series in hand to its metric and forgets it.
func (s *sample) commit() {
	if at, ok := s.metric(); ok {
		from := 0
		for _, end := range s.ends {
			s.add(&s.metrics[at], s.arena[from:end])
			from = end
		}
	}
	s.name, s.arena, s.ends = s.name[:0], s.arena[:0], s.ends[:0]
}

// metric finds or makes the entry of the name in hand.
func (s *sample) metric() (int, bool) {
	if at, ok := s.index[string(s.name)]; ok {
		return at, true
	}
	empty := len(s.name) == 0 && len(s.ends) == 0
	if empty || len(s.metrics) >= s.limits.Metrics || !s.room(len(s.name)) {
		return 0, false
	}
	if s.index == nil {
		s.index = make(map[string]int)
	}
	s.metrics = append(s.metrics, Metric{Name: string(s.name)})
	s.index[string(s.name)] = len(s.metrics) - 1
	return len(s.metrics) - 1, true
}

func (s *sample) add(m *Metric, key []byte) {
	known := slices.ContainsFunc(m.Labels, func(l string) bool { return l == string(key) })
	if !known && len(m.Labels) < s.limits.Labels && s.room(len(key)) {
		m.Labels = append(m.Labels, string(key))
	}
}

func (s *sample) room(n int) bool {
	if s.bytes+n > s.limits.SampleBytes {
		return false
	}
	s.bytes += n
	return true
}
