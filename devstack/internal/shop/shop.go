// Package shop tells the story of a small web shop: its services, who calls
// whom, how much they have to do at any moment and what goes wrong. It is a
// pure function of seed and time and writes nothing; metrics, logs and traces
// are different views of the same story.
package shop

import (
	"time"
)

// Shop is one story. It is immutable: With returns a changed copy.
type Shop struct {
	Seed      uint64
	Start     time.Time
	Incidents []Incident

	services []Service
	edges    []Edge
	called   map[string][]Edge
	lags     map[Edge]time.Duration
}

// New tells the story of seed that begins at start and has its planned
// incident between then and now. Some seeds have none (see Plan).
func New(seed uint64, start, now time.Time) *Shop {
	s := &Shop{Seed: seed, Start: start, services: catalogue(), edges: calls(), called: map[string][]Edge{}, lags: map[Edge]time.Duration{}}
	for _, e := range s.edges {
		s.called[e.From] = append(s.called[e.From], e)
		s.lags[e] = lag(seed, e)
	}
	if incident, ok := Plan(seed, start, now); ok {
		s.Incidents = []Incident{incident}
	}
	return s
}

// With returns the same story with more incidents in it.
func (s *Shop) With(more ...Incident) *Shop {
	next := *s
	next.Incidents = append(append([]Incident(nil), s.Incidents...), more...)
	return &next
}

// Services lists the services of the shop, callers before the called.
func (s *Shop) Services() []Service { return s.services }

// Edges lists who calls whom.
func (s *Shop) Edges() []Edge { return s.edges }

// Service finds one service by its name.
func (s *Shop) Service(name string) (Service, bool) {
	for _, service := range s.services {
		if service.Name == name {
			return service, true
		}
	}
	return Service{}, false
}
