package logsql

import (
	"math"
	"strings"
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
