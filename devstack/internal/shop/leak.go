package shop

import (
	"math"
	"time"
)

// outage is how long a killed instance is away.
const outage = 45 * time.Second

// leak is the share of the free memory that is lost at t: it grows to 1 until
// the end of the incident, when the instance is killed and begins anew.
func (i Incident) leak(t time.Time) float64 {
	if i.Kind != MemoryLeak || t.Before(i.Start) || t.After(i.End) {
		return 0
	}
	return float64(t.Sub(i.Start)) / float64(i.End.Sub(i.Start))
}

// down says that the leaking instance is dead at t.
func (i Incident) down(t time.Time) bool {
	return i.Kind == MemoryLeak && !t.Before(i.End) && t.Before(i.End.Add(outage))
}

// leaks is the share of free memory lost by the n-th instance. Only the first
// one gets the traffic that leaks at full speed.
func (s *Shop) leaks(service Service, n int, t time.Time) float64 {
	lost := 0.0
	for _, i := range s.Incidents {
		if i.Service == service.Name {
			lost = math.Max(lost, i.leak(t)/float64(n+1))
		}
	}
	return lost
}

// up says whether the n-th instance is alive at t.
func (s *Shop) up(service Service, n int, t time.Time) bool {
	for _, i := range s.Incidents {
		if n == 0 && i.Service == service.Name && i.down(t) {
			return false
		}
	}
	return true
}
