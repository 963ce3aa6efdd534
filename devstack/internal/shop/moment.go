package shop

import (
	"math"
	"time"
)

// Moment is the whole shop at one time.
type Moment struct {
	Time time.Time

	shop     *Shop
	arrivals map[string]float64
	handled  map[string]float64
	troubles map[string]symptom
}

// At looks at the shop at t.
func (s *Shop) At(t time.Time) *Moment {
	m := &Moment{Time: t, shop: s, arrivals: map[string]float64{}, handled: map[string]float64{}, troubles: map[string]symptom{}}
	calm := s.calm(t)
	for _, service := range s.services {
		m.flow(service)
		if !calm {
			m.troubles[service.Name] = s.trouble(service, t)
		}
	}
	return m
}

// flow adds up what arrives at a service and passes on what it handles; the
// services are in call order, so every caller was here before.
func (m *Moment) flow(service Service) {
	name := service.Name
	m.arrivals[name] += m.shop.entry(service, m.Time)
	pace := 1.0
	for _, i := range m.shop.Incidents {
		if i.Service == name {
			pace *= i.pace(m.arrivals[name], m.Time)
		}
	}
	m.handled[name] = m.arrivals[name] * pace
	for _, e := range m.shop.called[name] {
		m.arrivals[e.To] += m.handled[name] * e.Calls
	}
}

// Arrivals is what comes in, per second, at all instances of a service.
func (m *Moment) Arrivals(service Service) float64 { return m.arrivals[service.Name] }

// Handled is what all instances of a service answer, per second.
func (m *Moment) Handled(service Service) float64 { return m.handled[service.Name] }

// Backlog is how many messages wait in the queue of a worker.
func (m *Moment) Backlog(service Service) float64 {
	if service.Role != Worker {
		return 0
	}
	arrivals := m.arrivals[service.Name]
	waiting := arrivals * service.Latency * (2 + m.shop.Jitter("queue/"+service.Name, m.Time))
	for _, i := range m.shop.Incidents {
		if i.Service == service.Name {
			waiting += i.backlog(arrivals, m.Time)
		}
	}
	return math.Floor(waiting)
}

// Connections is how many connections to a database or cache are busy, of
// Pool at most: by Little's law that is rate times time spent.
func (m *Moment) Connections(service Service) float64 {
	busy := m.arrivals[service.Name] * (service.Latency + m.troubles[service.Name].delay)
	return math.Min(Pool, math.Ceil(3+busy*(1+.1*m.shop.Jitter("pool/"+service.Name, m.Time))))
}

// Pool is how many connections a database or cache serves at the same time.
const Pool = 40
