package pattern

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	// maxText is how much of a message is looked at and kept, in bytes.
	maxText = 2048
	// maxValues bounds the services and levels of one text; more are not named.
	maxValues = 64
	// maxKey is the longest service or level that is named, in bytes.
	maxKey = 256
)

// shape counts the rows of one masked text.
type shape struct {
	count            [groups]uint64
	first, last      time.Time
	sample           string
	services, levels []Value
}

func (s *shape) total() uint64 { return s.count[Asked] + s.count[Compared] }

func (s *shape) add(r Row, g Group) {
	s.count[g]++
	if g != Asked {
		return
	}
	s.see(r.Time, r.Time, cut(r.Message))
	s.services = tally(s.services, r.Service, 1)
	s.levels = tally(s.levels, r.Level, 1)
}

// see widens the times; the sample is that of the newest row, and of two at one
// time the lesser text, so that order does not matter.
func (s *shape) see(first, last time.Time, sample string) {
	if s.first.IsZero() || !first.IsZero() && first.Before(s.first) {
		s.first = first
	}
	newer := last.Compare(s.last)
	if s.sample == "" || newer > 0 || newer == 0 && sample < s.sample {
		s.sample = strings.Clone(sample)
	}
	if newer > 0 {
		s.last = last
	}
}

func (s *shape) absorb(o *shape) {
	for g, n := range o.count {
		s.count[g] += n
	}
	if o.count[Asked] > 0 {
		s.see(o.first, o.last, o.sample)
	}
	for _, v := range o.services {
		s.services = tally(s.services, v.Key, v.Count)
	}
	for _, v := range o.levels {
		s.levels = tally(s.levels, v.Key, v.Count)
	}
}

func (s *shape) pattern(template string) Pattern {
	return Pattern{
		ID: ID(template), Template: template, Count: s.count,
		First: s.first, Last: s.last, Sample: s.sample,
		Services: ranked(s.services), Levels: ranked(s.levels),
	}
}

func tally(values []Value, key string, n uint64) []Value {
	if key == "" || len(key) > maxKey {
		return values
	}
	for i := range values {
		if values[i].Key == key {
			values[i].Count += n
			return values
		}
	}
	if len(values) >= maxValues {
		return values
	}
	return append(values, Value{Key: strings.Clone(key), Count: n})
}

func ranked(values []Value) []Value {
	out := slices.Clone(values)
	slices.SortFunc(out, func(a, b Value) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Key, b.Key))
	})
	return out
}

// cut shortens a message between two characters.
func cut(message string) string {
	if len(message) <= maxText {
		return message
	}
	n := maxText
	for n > maxText-utf8.UTFMax && !utf8.RuneStart(message[n]) {
		n--
	}
	return message[:n]
}
