package timeparam

import (
	"math"
	"strconv"
	"strings"
	"time"
)

const (
	day  = 24 * time.Hour
	week = 7 * day
	year = 365 * day
)

// ParseDuration is Duration without the field.
func ParseDuration(s string) (time.Duration, error) {
	if s == "" {
		return 0, errEmpty
	}
	if isNumber(s) {
		return scale(s, time.Second)
	}
	var sum time.Duration
	for s != "" {
		d, rest, err := firstPart(s)
		if err != nil {
			return 0, err
		}
		if sum > math.MaxInt64-d {
			return 0, errRange
		}
		sum, s = sum+d, rest
	}
	return sum, nil
}

// firstPart reads a number and its unit.
func firstPart(s string) (time.Duration, string, error) {
	n := strings.IndexFunc(s, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if n <= 0 || !isNumber(s[:n]) {
		return 0, "", errForm
	}
	unit, size := unitOf(s[n:])
	if size == 0 {
		return 0, "", errForm
	}
	d, err := scale(s[:n], unit)
	return d, s[n+size:], err
}

func unitOf(s string) (unit time.Duration, size int) {
	if strings.HasPrefix(s, "ms") {
		return time.Millisecond, len("ms")
	}
	switch s[0] {
	case 's':
		return time.Second, 1
	case 'm':
		return time.Minute, 1
	case 'h':
		return time.Hour, 1
	case 'd':
		return day, 1
	case 'w':
		return week, 1
	case 'y':
		return year, 1
	}
	return 0, 0
}

// isUnit tells the last letter of a duration.
func isUnit(c byte) bool {
	_, size := unitOf(string(c))
	return size > 0
}

func scale(number string, unit time.Duration) (time.Duration, error) {
	f, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return 0, errRange
	}
	if ns := math.Round(f * float64(unit)); ns < math.MaxInt64 {
		return time.Duration(ns), nil
	}
	return 0, errRange
}
