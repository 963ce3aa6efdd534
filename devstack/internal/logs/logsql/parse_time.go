package logsql

import (
	"math"
	"strings"
	"time"
)

// time reads what follows _time: in every form.
func (l *lexer) time() (filter, error) {
	f, err := l.timeForm()
	if err != nil {
		return nil, err
	}
	if !l.is("offset") {
		return f, nil
	}
	l.next()
	text, err := l.value()
	if err != nil {
		return nil, err
	}
	d, ok := Duration(text)
	if !ok {
		return nil, errorf("cannot parse offset for _time filter []: cannot parse duration %q", text)
	}
	return shifted(f, d), nil
}

func shifted(f filter, by int64) filter {
	switch f := f.(type) {
	case timeFilter:
		return timeFilter{f.start - by, f.end - by}
	case clockFilter:
		return clockFilter{func(ns int64) bool { return f.in(ns + by) }}
	}
	return f
}

func (l *lexer) timeForm() (filter, error) {
	switch {
	case l.is("day_range"):
		l.next()
		return l.dayRange()
	case l.is("week_range"):
		l.next()
		return l.weekRange()
	case l.is("[", "("):
		return l.timeRange()
	case l.is("in"):
		return nil, unknown("_time:in(...)")
	case l.is("*"):
		l.next()
		return allFilter{}, nil
	}
	sign := l.timeSign()
	text, err := l.value()
	if err != nil {
		return nil, err
	}
	start, end, ok := calendar(text)
	if !ok {
		if start, end, ok = l.ago(text, sign); !ok {
			return nil, errorf("cannot parse duration at _time filter: cannot parse duration %q", text)
		}
		return timeFilter{start, end}, nil
	}
	switch sign {
	case ">":
		return timeFilter{end + 1, math.MaxInt64}, nil
	case ">=":
		return timeFilter{start, math.MaxInt64}, nil
	case "<":
		return timeFilter{math.MinInt64, start - 1}, nil
	case "<=":
		return timeFilter{math.MinInt64, end}, nil
	}
	return timeFilter{start, end}, nil
}

func (l *lexer) timeSign() string {
	if !l.is("<", ">", "=") {
		return ""
	}
	sign := l.raw
	l.next()
	if l.is("=") && sign != "=" {
		l.next()
		sign += "="
	}
	return sign
}

// ago reads a duration back from now: the time since, or with > the time before.
func (l *lexer) ago(text, sign string) (start, end int64, ok bool) {
	d, ok := Duration(strings.TrimPrefix(text, "-"))
	now := l.context.now
	if strings.HasPrefix(sign, ">") {
		return math.MinInt64, now - d, ok
	}
	return now - d, now, ok
}

// timeRange reads [a, b] and the forms that leave an end out.
func (l *lexer) timeRange() (filter, error) {
	openStart := l.is("(")
	l.next()
	first, err := l.timeArgument()
	if err != nil {
		return nil, err
	}
	if !l.accept(",") {
		return nil, errorf("unexpected token after start time in `_time` filter: %q; want ','", l.token)
	}
	last, err := l.timeArgument()
	if err != nil {
		return nil, err
	}
	openEnd := l.is(")")
	if !l.accept(")", "]") {
		return nil, errorf("missing closing ')' or ']' in `_time` filter: %q", l.token)
	}
	f := timeFilter{first.start, last.end}
	if openStart {
		f.start = first.end + 1
	}
	if openEnd {
		f.end = last.start - 1
	}
	return f, nil
}

func (l *lexer) timeArgument() (timeFilter, error) {
	text, err := l.value()
	if err != nil {
		return timeFilter{}, err
	}
	start, end, ok := period(text, l.context.now)
	if !ok {
		return timeFilter{}, errorf("cannot parse duration at _time filter: cannot parse duration %q", text)
	}
	return timeFilter{start, end}, nil
}

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
