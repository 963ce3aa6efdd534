package cost

import (
	"strconv"
	"strings"
	"time"
)

const (
	day  = 24 * time.Hour
	week = 7 * day
)

// niceSteps are the steps that people and dashboards use.
func niceSteps() []time.Duration {
	return []time.Duration{
		time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond,
		500 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second,
		30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute,
		30 * time.Minute, time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, day, 2 * day, week,
	}
}

// Fit is the smallest nice step with which the range has no more points than
// allowed.
func (l Limits) Fit(r Range) time.Duration {
	for _, step := range niceSteps() {
		if l.fits(r, step) {
			return step
		}
	}
	weeks := time.Duration(1)
	for !l.fits(r, weeks*week) && weeks < maxStep/week {
		weeks *= 2
	}
	return weeks * week
}

func (l Limits) fits(r Range, step time.Duration) bool {
	r.Step = step
	return r.Points() <= float64(l.Points)
}

// Step writes a duration the way queries do: 90s, 5m, 1h30m, 2d.
func Step(d time.Duration) string {
	var b strings.Builder
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{day, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}, {time.Millisecond, "ms"}} {
		if n := d / u.unit; n > 0 {
			b.WriteString(strconv.FormatInt(int64(n), 10) + u.name)
			d -= n * u.unit
		}
	}
	if b.Len() == 0 {
		return "0s"
	}
	return b.String()
}
