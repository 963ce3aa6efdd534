package logsql

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"
	"time"

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

// bucket is a field to group by, its values perhaps rounded down.
type bucket struct {
	name   string
	text   string // the rounding as written
	width  int64  // of time, in nanoseconds
	offset int64
	months int // of time, instead of width
	size   float64
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

func (l *lexer) buckets(p *statsPipe) error {
	if !l.accept("(") {
		return errorf("missing `(`")
	}
	for !l.is(")") {
		name, err := l.name(false)
		if err != nil {
			return err
		}
		b := bucket{name: name}
		if l.accept(":") {
			if err := l.bucket(&b); err != nil {
				return err
			}
		}
		p.by = append(p.by, b)
		if !l.accept(",") && !l.is(")") {
			return errorf("unexpected token %q; want ',' or ')'", l.token)
		}
	}
	l.next()
	return nil
}

func (l *lexer) bucket(b *bucket) (err error) {
	if b.text, err = l.value(); err != nil {
		return err
	}
	if err := b.round(b.text); err != nil {
		return err
	}
	if !l.accept("offset") {
		return nil
	}
	text, err := l.value()
	if err != nil {
		return err
	}
	d, ok := Duration(text)
	if !ok || b.name != fieldTime {
		return errorf("cannot parse offset %q of bucket %q", text, b.text)
	}
	b.offset, b.text = d, b.text+" offset "+text
	return nil
}

var calendars = map[string]time.Duration{
	"nanosecond": 1, "microsecond": time.Microsecond, "millisecond": time.Millisecond, "second": time.Second,
	"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour, "week": 7 * 24 * time.Hour,
}

func (b *bucket) round(text string) error {
	if b.name != fieldTime {
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || f <= 0 {
			return unknown("the bucket " + text + " of " + b.name)
		}
		b.size = f
		return nil
	}
	d, ok := Duration(text)
	switch {
	case ok && d > 0:
		b.width = d
	case calendars[text] > 0:
		b.width = int64(calendars[text])
	case text == "month":
		b.months = 1
	case text == "year":
		b.months = 12
	default:
		return errorf("cannot parse bucket size %q", text)
	}
	return nil
}

// key appends what tells groups apart.
func (b *bucket) key(dst []byte, r *Record) []byte {
	if b.name == fieldTime && (b.width > 0 || b.months > 0) {
		if t, ok := r.Time(); ok {
			return binary.BigEndian.AppendUint64(dst, uint64(b.start(t)))
		}
	}
	v := b.value(r)
	return append(binary.AppendUvarint(dst, uint64(len(v))), v...)
}

func (b *bucket) value(r *Record) string {
	if b.name == fieldTime && (b.width > 0 || b.months > 0) {
		if t, ok := r.Time(); ok {
			return FormatTime(b.start(t))
		}
	}
	v := r.Get(b.name)
	if b.size > 0 {
		if n, err := strconv.ParseFloat(v, 64); err == nil {
			return formatFloat(math.Floor(n/b.size) * b.size)
		}
	}
	return v
}

func (b *bucket) start(t int64) int64 {
	if b.months == 0 {
		return floor(t, b.offset, b.width)
	}
	at := time.Unix(0, t-b.offset).UTC()
	month := at.Month()
	if b.months == 12 {
		month = time.January
	}
	return time.Date(at.Year(), month, 1, 0, 0, 0, 0, time.UTC).UnixNano() + b.offset
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
