package shop

import (
	"math"
	"time"
)

// A struck worker handles a quarter of what comes in; afterwards it catches up
// at 1.6 times the usual pace.
const (
	throttle = .75
	catchUp  = .6
)

// backlog is how many messages the incident has left in the queue at t, when
// arrivals come at the given rate per second.
func (i Incident) backlog(arrivals float64, t time.Time) float64 {
	if i.Kind != QueueBackup || t.Before(i.Start) {
		return 0
	}
	if !t.After(i.End) {
		return arrivals * throttle * i.lost(t)
	}
	full := arrivals * throttle * i.lost(i.End)
	return math.Max(0, full-arrivals*catchUp*t.Sub(i.End).Seconds())
}

// lost is the integral of the severity from the start to t, in seconds.
func (i Incident) lost(t time.Time) float64 {
	ramp, gone := i.Ramp.Seconds(), t.Sub(i.Start).Seconds()
	if gone >= ramp {
		return gone - ramp/2
	}
	x := gone / ramp
	return ramp * (x*x*x - x*x*x*x/2)
}

// pace is what the worker handles of what arrives, as a factor.
func (i Incident) pace(arrivals float64, t time.Time) float64 {
	switch {
	case i.Kind != QueueBackup:
		return 1
	case t.Before(i.End):
		return 1 - throttle*i.Severity(t)
	case i.backlog(arrivals, t) > 0:
		return 1 + catchUp
	}
	return 1
}
