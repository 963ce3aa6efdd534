package logsql

import (
	"strings"
	"time"
)

// parts reads [a, b) with the two values read by parse.
func (l *lexer) parts(parse func(string) (int64, bool)) (low, high int64, err error) {
	openLow := l.is("(")
	if !l.accept("(", "[") {
		return 0, 0, errorf("missing '(' or '[' in the range of the _time filter")
	}
	var values [2]int64
	for i := range values {
		text, err := l.value()
		if err != nil {
			return 0, 0, err
		}
		var ok bool
		if values[i], ok = parse(text); !ok {
			return 0, 0, errorf("cannot parse %q in the range of the _time filter", text)
		}
		if i == 0 && !l.accept(",") {
			return 0, 0, errorf("missing ',' in the range of the _time filter")
		}
	}
	openHigh := l.is(")")
	if !l.accept(")", "]") {
		return 0, 0, errorf("missing ')' or ']' in the range of the _time filter")
	}
	if openLow {
		values[0]++
	}
	if openHigh {
		values[1]--
	}
	return values[0], values[1], nil
}

func (l *lexer) dayRange() (filter, error) {
	low, high, err := l.parts(func(s string) (int64, bool) {
		t, err := time.Parse("15:04", s)
		return int64(t.Hour())*3600e9 + int64(t.Minute())*60e9, err == nil
	})
	return clockFilter{func(ns int64) bool {
		of := floor(ns, 0, 24*int64(time.Hour))
		return ns-of >= low && ns-of <= high
	}}, err
}

func (l *lexer) weekRange() (filter, error) {
	low, high, err := l.parts(func(s string) (int64, bool) {
		for d := time.Sunday; d <= time.Saturday; d++ {
			if len(s) >= 3 && len(s) <= len(d.String()) && strings.EqualFold(s, d.String()[:len(s)]) {
				return int64(d), true
			}
		}
		return 0, false
	})
	return clockFilter{func(ns int64) bool {
		d := int64(time.Unix(0, ns).UTC().Weekday())
		return d >= low && d <= high
	}}, err
}

// floor is the start of the bucket of that width which ns lies in; buckets
// are counted from the unix epoch plus offset.
func floor(ns, offset, width int64) int64 {
	n := (ns - offset) % width
	if n < 0 {
		n += width
	}
	return ns - n
}
