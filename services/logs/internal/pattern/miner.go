package pattern

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
)

// Miner collects rows. It is not safe for concurrent use.
type Miner struct {
	limits  Limits
	shapes  map[string]*shape
	rows    [groups]uint64
	dropped int
}

// New returns an empty miner.
func New(limits Limits) *Miner {
	return &Miner{limits: limits.orDefault(), shapes: map[string]*shape{}}
}

// Add counts a row.
func (m *Miner) Add(r Row, g Group) {
	m.rows[g]++
	text := Mask(r.Message)
	s := m.shapes[text]
	if s == nil {
		s = m.grow(text)
	}
	s.add(r, g)
}

// Merge takes over what another miner has collected, which must not be used
// any more. The result is that of one miner that saw all rows.
func (m *Miner) Merge(other *Miner) {
	for g, n := range other.rows {
		m.rows[g] += n
	}
	m.dropped += other.dropped
	for _, text := range slices.Sorted(maps.Keys(other.shapes)) {
		s := m.shapes[text]
		if s == nil {
			s = m.grow(text)
		}
		s.absorb(other.shapes[text])
	}
}

func (m *Miner) grow(text string) *shape {
	if len(m.shapes) >= m.limits.Texts {
		m.shrink()
	}
	s := &shape{}
	m.shapes[text] = s
	return s
}

// Result of the rows so far.
func (m *Miner) Result() Result {
	found := make([]Pattern, 0, 64)
	for template, s := range m.templates() {
		found = append(found, s.pattern(template))
	}
	slices.SortFunc(found, func(a, b Pattern) int {
		return cmp.Or(cmp.Compare(b.Count[Asked], a.Count[Asked]), cmp.Compare(a.Template, b.Template))
	})
	return Result{Patterns: found, Rows: m.rows, Dropped: m.dropped}
}

// templates runs the tree over all texts, in their order, and joins what they
// count. The texts stay as they are.
func (m *Miner) templates() map[string]*shape {
	t := newTree(m.limits)
	for _, text := range slices.Sorted(maps.Keys(m.shapes)) {
		c := t.place(strings.Split(text, " "))
		c.texts = append(c.texts, text)
	}
	out := make(map[string]*shape, len(t.all))
	for _, c := range t.all {
		kept := c.words()
		for _, text := range c.texts {
			template := c.template(text, kept)
			if out[template] == nil {
				out[template] = &shape{}
			}
			out[template].absorb(m.shapes[text])
		}
	}
	return out
}

// shrink makes room: texts become their templates, and when that is not enough
// those with fewest rows are given up.
func (m *Miner) shrink() {
	m.shapes = m.templates()
	room := m.limits.Texts * 3 / 4
	if len(m.shapes) <= room {
		return
	}
	texts := slices.SortedFunc(maps.Keys(m.shapes), func(a, b string) int {
		return cmp.Or(cmp.Compare(m.shapes[a].total(), m.shapes[b].total()), m.shapes[a].last.Compare(m.shapes[b].last), cmp.Compare(a, b))
	})
	for _, text := range texts[:len(texts)-room] {
		delete(m.shapes, text)
		m.dropped++
	}
}

// ID of a template: the same on every replica.
func ID(template string) string {
	sum := sha256.Sum256([]byte(template))
	return hex.EncodeToString(sum[:8])
}
