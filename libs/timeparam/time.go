package timeparam

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// Bounds of a plain number: below each, it is in that unit. Seconds reach to
// the year 2286 and milliseconds begin in 1970, so no real time is ambiguous.
const (
	belowSeconds = 1e10
	belowMillis  = 1e13
	belowMicros  = 1e16
)

var (
	errEmpty   = errors.New("is empty")
	errForm    = errors.New("is not in a known form")
	errRange   = errors.New("is out of range")
	errNoStamp = errors.New("is not a date")
)

// layouts are the dates read, by their length without zone and fraction.
var layouts = map[int]string{
	len("2006"):                "2006",
	len("2006-01"):             "2006-01",
	len("2006-01-02"):          "2006-01-02",
	len("2006-01-02T15"):       "2006-01-02T15",
	len("2006-01-02T15:04"):    "2006-01-02T15:04",
	len("2006-01-02T15:04:05"): "2006-01-02T15:04:05",
}

// ParseTime is Time without the field.
func ParseTime(s string, now time.Time) (time.Time, error) {
	switch {
	case s == "":
		return time.Time{}, errEmpty
	case s == "now":
		return now, nil
	case strings.HasPrefix(s, "now-"):
		return before(now, s[len("now-"):])
	case s[0] == '-':
		return before(now, s[1:])
	case len(s) != len("2006") && isNumber(s):
		return epoch(s)
	case isUnit(s[len(s)-1]) && !strings.Contains(s, "-"):
		return before(now, s)
	}
	return date(s)
}

func before(now time.Time, s string) (time.Time, error) {
	d, err := ParseDuration(s)
	if err != nil {
		return time.Time{}, err
	}
	return now.Add(-d), nil
}

// epoch reads digits with an optional fraction or exponent.
func epoch(s string) (time.Time, error) {
	whole, frac, _ := strings.Cut(s, ".")
	if n, err := strconv.ParseInt(whole, 10, 64); err == nil && isDigits(frac) {
		return fromUnits(n, frac)
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f < 0 || f >= math.MaxInt64 {
		return time.Time{}, errRange
	}
	return fromUnits(int64(f), fraction(f))
}

func fraction(f float64) string {
	_, frac, _ := strings.Cut(strconv.FormatFloat(f, 'f', -1, 64), ".")
	return frac
}

func fromUnits(n int64, frac string) (time.Time, error) {
	unit := time.Nanosecond
	switch {
	case n < belowSeconds:
		unit = time.Second
	case n < belowMillis:
		unit = time.Millisecond
	case n < belowMicros:
		unit = time.Microsecond
	}
	perSecond := int64(time.Second / unit)
	sec, rest := n/perSecond, n%perSecond
	return time.Unix(sec, rest*int64(unit)+int64(part(frac)*float64(unit))).UTC(), nil
}

// part is the value of digits after the point.
func part(frac string) float64 {
	if frac == "" {
		return 0
	}
	f, err := strconv.ParseFloat("0."+frac, 64)
	if err != nil {
		return 0
	}
	return f
}

// date reads RFC 3339, whole or cut short; without a zone it is in UTC.
func date(s string) (time.Time, error) {
	stamp, zone := splitZone(s)
	whole, _, _ := strings.Cut(stamp, ".")
	layout, known := layouts[len(whole)]
	if !known || whole != stamp && len(whole) != len("2006-01-02T15:04:05") {
		return time.Time{}, errForm
	}
	loc, err := location(zone)
	if err != nil {
		return time.Time{}, err
	}
	t, err := time.ParseInLocation(layout, stamp, loc)
	if err != nil {
		return time.Time{}, errNoStamp
	}
	return t.UTC(), nil
}

func splitZone(s string) (stamp, zone string) {
	if n := len(s) - 1; s[n] == 'Z' {
		return s[:n], "Z"
	}
	n := len(s) - len("+00:00")
	if n > 0 && (s[n] == '+' || s[n] == '-') && s[n+3] == ':' {
		return s[:n], s[n:]
	}
	return s, "Z"
}

func location(zone string) (*time.Location, error) {
	if zone == "Z" {
		return time.UTC, nil
	}
	t, err := time.Parse("-07:00", zone)
	if err != nil {
		return nil, errForm
	}
	return t.Location(), nil
}

// isNumber tells digits with at most one fraction and exponent from the rest;
// strconv alone would also take hexadecimal, underscores, Inf and NaN.
func isNumber(s string) bool {
	mantissa, exponent, scientific := strings.Cut(strings.ToLower(s), "e")
	if scientific && (exponent == "" || !isDigits(strings.TrimLeft(exponent[:1], "+-")+exponent[1:])) {
		return false
	}
	whole, frac, _ := strings.Cut(mantissa, ".")
	return whole != "" && isDigits(whole) && isDigits(frac)
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
