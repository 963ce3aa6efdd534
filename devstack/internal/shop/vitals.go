package shop

import (
	"math"
	"time"
)

// Vitals is one instance at one moment.
type Vitals struct {
	Up       bool
	Version  string
	Started  time.Time
	Requests float64 // handled per second
	Errors   float64 // share of the requests that fail, 0 to 1
	Latency  float64 // median seconds of an answer
	CPU      float64 // cores in use, 1 at most
	Memory   float64 // resident bytes
}

// usualErrors is the share that fails on a quiet day.
const usualErrors = .002

// Vitals looks at the n-th instance of a service. A dead instance has only
// Up and Started.
func (m *Moment) Vitals(service Service, n int) Vitals {
	s, key := m.shop, service.Instance(n)
	v := Vitals{Up: s.up(service, n, m.Time), Started: s.Started(service, n, m.Time)}
	if !v.Up {
		return v
	}
	bad := m.troubles[service.Name]
	v.Version = s.Version(service, m.Time)
	v.Requests = m.share(service, n) * (1 + .04*s.Jitter("requests/"+key, m.Time))
	v.Errors = math.Min(.95, usualErrors+bad.errors)
	v.Latency = (service.Latency + bad.delay) * (1 + .08*s.drift("latency/"+key, m.Time, 5*time.Minute) + .05*s.Jitter("latency/"+key, m.Time))
	v.CPU = m.cpu(service, key, v.Requests, bad)
	v.Memory = m.memory(service, n, key)
	return v
}

// share is the part of the service's load that the n-th living instance gets.
func (m *Moment) share(service Service, n int) float64 {
	alive := 0
	for i := range service.Instances {
		if m.shop.up(service, i, m.Time) {
			alive++
		}
	}
	return m.handled[service.Name] / float64(alive)
}

func (m *Moment) cpu(service Service, key string, requests float64, bad symptom) float64 {
	idle := .02 + .004*m.shop.Jitter("cpu/"+key, m.Time)
	wander := 1 + .08*m.shop.drift("cpu/"+key, m.Time, 3*time.Minute)
	return math.Min(.985+.01*m.shop.Jitter("full/"+key, m.Time), idle+requests*service.CPU*wander+bad.cpu)
}

func (m *Moment) memory(service Service, n int, key string) float64 {
	wander := 1 + .04*m.shop.drift("memory/"+key, m.Time, 11*time.Minute) + .01*m.shop.Jitter("memory/"+key, m.Time)
	lost := m.shop.leaks(service, n, m.Time) * .97
	return math.Floor(service.Memory*wander*(1-lost) + service.Limit*lost)
}
