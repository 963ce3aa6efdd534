package shop

import (
	"math"
	"time"
)

// The shop sells to one part of the world: the peak is in the early afternoon
// (UTC), the trough before dawn.
const (
	peakHour = 14
	swing    = .45
)

// diurnal is the share of the daily mean load at t, in [0.55, 1.45].
func diurnal(t time.Time) float64 {
	t = t.UTC()
	hour := float64(t.Hour()) + float64(t.Minute())/60 + float64(t.Second())/3600
	return 1 + swing*math.Cos(2*math.Pi*(hour-peakHour)/24)
}

// entry is what comes from outside, in requests per second.
func (s *Shop) entry(service Service, t time.Time) float64 {
	if service.Entry == 0 {
		return 0
	}
	wander := .10 * s.drift("load/"+service.Name, t, 7*time.Minute)
	return service.Entry * diurnal(t) * (1 + wander + .03*s.Jitter("load/"+service.Name, t))
}
