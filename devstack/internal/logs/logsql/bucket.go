package logsql

import (
	"encoding/binary"
	"math"
	"strconv"
	"time"
)

// bucket is a field to group by, its values perhaps rounded down.
type bucket struct {
	name   string
	text   string // the rounding as written
	width  int64  // of time, in nanoseconds
	offset int64
	months int // of time, instead of width
	size   float64
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
