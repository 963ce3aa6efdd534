package logsql

import (
	"math"
	"strconv"
	"strings"
	"time"
)

const second = int64(time.Second)

// layouts of times and what a time written so leaves open.
var layouts = []struct {
	layout string
	width  func(t time.Time) time.Time
}{
	{"2006", func(t time.Time) time.Time { return t.AddDate(1, 0, 0) }},
	{"2006-01", func(t time.Time) time.Time { return t.AddDate(0, 1, 0) }},
	{"2006-01-02", func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }},
	{"2006-01-02T15", func(t time.Time) time.Time { return t.Add(time.Hour) }},
	{"2006-01-02T15:04", func(t time.Time) time.Time { return t.Add(time.Minute) }},
	{"2006-01-02T15:04:05", func(t time.Time) time.Time { return t.Add(time.Second) }},
	{"2006-01-02T15:04:05.999999999", func(t time.Time) time.Time { return t.Add(1) }},
}

// Moment reads a time: RFC 3339, whole or cut short, with or without zone
// (UTC), "now", unix seconds, milli-, micro- or nanoseconds told apart by size,
// or a duration, which means that long before now. In unix nanoseconds.
func Moment(s string, now int64) (int64, bool) {
	start, _, ok := period(s, now)
	return start, ok
}

// period is the whole time that s may mean: 2026-11-20 is a day.
func period(s string, now int64) (start, end int64, ok bool) {
	if s == "now" || s == "" {
		return now, now, s != ""
	}
	if start, end, ok = calendar(s); ok {
		return start, end, true
	}
	if n, ok := unix(s); ok {
		return n, lastOf(n), true
	}
	if d, ok := Duration(strings.TrimPrefix(s, "now")); ok {
		if d > 0 {
			d = -d
		}
		return now + d, now + d, true
	}
	return 0, 0, false
}

// lastOf is the end of a second given whole.
func lastOf(n int64) int64 {
	if n%second == 0 {
		return n + second - 1
	}
	return n
}

func calendar(s string) (start, end int64, ok bool) {
	if len(s) < 4 || digits(s[:4]) < 4 || len(s) > 4 && s[4] != '-' && s[4] != 'Z' && s[4] != '+' {
		return 0, 0, false
	}
	bare, zone := cutZone(s)
	for _, l := range layouts {
		t, err := time.ParseInLocation(l.layout, bare, zone)
		if err == nil && (len(bare) == len(l.layout) || strings.Contains(bare, ".") && strings.Contains(l.layout, ".")) {
			return t.UnixNano(), l.width(t).UnixNano() - 1, true
		}
	}
	return 0, 0, false
}

// cutZone takes Z or +01:00 off; a date alone has dashes but no zone.
func cutZone(s string) (string, *time.Location) {
	if bare, ok := strings.CutSuffix(s, "Z"); ok {
		return bare, time.UTC
	}
	if n := len(s) - 6; n >= 4 && (s[n] == '+' || s[n] == '-') && s[n+3] == ':' {
		if t, err := time.Parse("-07:00", s[n:]); err == nil {
			return s[:n], t.Location()
		}
	}
	return s, time.UTC
}

// unix tells seconds, milli-, micro- and nanoseconds apart by size.
func unix(s string) (int64, bool) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return 0, false
	}
	scale := int64(1)
	for limit := 1e17; scale < second && math.Abs(f) < limit; limit /= 1e3 {
		scale *= 1e3
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n * scale, true
	}
	whole, part := math.Modf(f)
	return int64(whole)*scale + int64(part*float64(scale)), true
}

// FormatTime writes unix nanoseconds as answers do: UTC, no zeros at the end of the fraction.
func FormatTime(ns int64) string { return time.Unix(0, ns).UTC().Format(time.RFC3339Nano) }
