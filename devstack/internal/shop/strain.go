package shop

import "time"

// Strain is what a service does to its answers by itself at one moment,
// without what it has to wait for.
type Strain struct {
	// Cause is the incident at work, empty on a quiet day.
	Cause Kind
	// Delay is added to the median of an answer, in seconds.
	Delay float64
	// Errors is the share of answers that fail by the service's own fault.
	Errors float64
	// Severity of the incident, 0 to 1.
	Severity float64
}

// Strain looks at a service alone; Vitals has what its clients see.
func (m *Moment) Strain(service Service) Strain {
	own := m.shop.own(service, m.Time)
	strain := Strain{Delay: own.delay, Errors: own.errors}
	for _, i := range m.shop.Incidents {
		if bad := i.felt(m.Time); i.Service == service.Name && bad > strain.Severity {
			strain.Cause, strain.Severity = i.Kind, bad
		}
	}
	return strain
}

// felt is the severity as the service itself shows it: a leak grows until its
// process is killed.
func (i Incident) felt(t time.Time) float64 {
	switch {
	case i.Kind != MemoryLeak:
		return i.Severity(t)
	case i.down(t):
		return 1
	}
	return i.leak(t)
}

// Alive lists the instances of a service that answer.
func (m *Moment) Alive(service Service) []int {
	var alive []int
	for n := range service.Instances {
		if m.shop.up(service, n, m.Time) {
			alive = append(alive, n)
		}
	}
	return alive
}
