package shop

import "time"

// faulty is the version that a bad deploy brings; its end is the roll-back.
const faulty = "-rc1"

// Version tells which version of the service runs at t.
func (s *Shop) Version(service Service, t time.Time) string {
	for _, i := range s.Incidents {
		if i.Kind == BadDeploy && i.Service == service.Name && !t.Before(i.Start) && t.Before(i.End) {
			return service.Version + faulty
		}
	}
	return service.Version
}

// Started tells when the process behind the n-th instance began: a deploy, its
// roll-back and a kill each begin a new one, and its counters start at zero.
func (s *Shop) Started(service Service, n int, t time.Time) time.Time {
	age := time.Duration(fraction(s.Seed, text("age"), text(service.Instance(n))) * float64(96*time.Hour))
	last := s.Start.Add(-time.Hour - age).Truncate(time.Second)
	for _, i := range s.Incidents {
		for _, restart := range i.restarts(service, n) {
			if !restart.After(t) && restart.After(last) {
				last = restart
			}
		}
	}
	return last
}

func (i Incident) restarts(service Service, n int) []time.Time {
	switch {
	case i.Service != service.Name:
		return nil
	case i.Kind == BadDeploy:
		return []time.Time{i.Start, i.End}
	case i.Kind == MemoryLeak && n == 0:
		return []time.Time{i.End.Add(outage)}
	}
	return nil
}
