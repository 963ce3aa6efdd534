package shop

import (
	"reflect"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// six hours that end on a Friday afternoon.
func now() time.Time { return time.Date(2026, 3, 6, 15, 0, 0, 0, time.UTC) }

func tell(seed uint64) *Shop { return New(seed, now().Add(-6*time.Hour), now()) }

// quiet is the same story with nothing in it.
func quiet(s *Shop) *Shop {
	calm := *s
	calm.Incidents = nil
	return &calm
}

// look collects everything that can be seen at a time.
func look(s *Shop, t time.Time) []any {
	m := s.At(t)
	var seen []any
	for _, service := range s.Services() {
		seen = append(seen, m.Arrivals(service), m.Handled(service), m.Backlog(service), m.Connections(service))
		for n := range service.Instances {
			seen = append(seen, m.Vitals(service, n))
		}
	}
	return seen
}

func TestGraphIsInCallOrder(t *testing.T) {
	s := tell(1)
	place := map[string]int{}
	for i, service := range s.Services() {
		place[service.Name] = i
		shares := 0.0
		for _, route := range service.Routes {
			shares += route.Share
		}
		if len(service.Routes) > 0 && (shares < .999 || shares > 1.001) {
			t.Errorf("routes of %s carry %v of the traffic, want 1", service.Name, shares)
		}
	}
	for _, e := range s.Edges() {
		if _, ok := place[e.From]; !ok || place[e.From] >= place[e.To] {
			t.Errorf("edge %s -> %s goes backwards or nowhere", e.From, e.To)
		}
	}
	if len(place) < 8 || len(place) > 12 {
		t.Errorf("%d services, want 8 to 12", len(place))
	}
}

func TestStoryIsAPureFunctionOfSeedAndTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		at := now().Add(-time.Duration(rapid.Int64Range(0, int64(6*time.Hour)).Draw(t, "before")))
		a, b := tell(seed), tell(seed)
		look(a, at.Add(-time.Hour)) // what was seen before must not matter
		if !reflect.DeepEqual(look(a, at), look(b, at)) {
			t.Fatal("the same seed and time tell two stories")
		}
	})
}

func TestPlanKeepsToItsRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		s := tell(seed)
		if seed%6 == 0 {
			if len(s.Incidents) != 0 {
				t.Fatalf("seed %d is quiet and has %v", seed, s.Incidents)
			}
			return
		}
		i := s.Incidents[0]
		if i.Kind != kinds()[seed%6] {
			t.Fatalf("kind %s, want %s", i.Kind, kinds()[seed%6])
		}
		if _, ok := s.Service(i.Service); !ok {
			t.Fatalf("incident in unknown service %q", i.Service)
		}
		if i.Start.Before(s.Start) || !i.End.After(i.Start.Add(i.Ramp)) || i.End.After(now().Add(-time.Hour)) {
			t.Fatalf("%v does not lie within the six hours", i)
		}
	})
}

// shown tells whether the struck service itself gives the incident away,
// measured against the same story without it.
func shown(s *Shop, i Incident) bool {
	service, _ := s.Service(i.Service)
	at := i.Start.Add(i.End.Sub(i.Start) * 9 / 10)
	bad, calm := s.At(at), quiet(s).At(at)
	v, usual := bad.Vitals(service, 0), calm.Vitals(service, 0)
	switch i.Kind {
	case DatabaseLatency:
		return v.Latency > 5*usual.Latency && bad.Connections(service) > calm.Connections(service)
	case MemoryLeak:
		return v.Memory > 1.4*usual.Memory && !s.At(i.End.Add(time.Second)).Vitals(service, 0).Up
	case BadDeploy:
		return v.Errors > .2 && v.Version != usual.Version && v.Started.Equal(i.Start)
	case QueueBackup:
		return bad.Backlog(service) > 100*(1+calm.Backlog(service)) && bad.Handled(service) < calm.Handled(service)/2
	case CPUSaturation:
		return v.CPU > .9 && v.Latency > 5*usual.Latency
	}
	return false
}

func TestIncidentShowsInItsService(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := tell(rapid.Uint64().Filter(func(n uint64) bool { return n%6 != 0 }).Draw(t, "seed"))
		if i := s.Incidents[0]; !shown(s, i) {
			t.Fatalf("%v cannot be seen in its service", i)
		}
	})
}

func TestTroubleClimbsToTheCallersWithALag(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// Kinds that are felt at once; places 1, 3 and 5.
		s := tell(rapid.Uint64().Filter(func(n uint64) bool { return n%2 == 1 }).Draw(t, "seed"))
		i := s.Incidents[0]
		for _, event := range s.Timeline(i) {
			service, _ := s.Service(event.Service)
			if event.Service == i.Service {
				continue
			}
			if worse(s, service, event.Time.Add(-time.Second)) {
				t.Fatalf("%s suffers before %v", event.Service, event.Time)
			}
			if at := event.Time.Add(i.Ramp); at.Before(i.End) && !worse(s, service, at) {
				t.Fatalf("%s does not feel %v at %v", event.Service, i, at)
			}
		}
	})
}

// worse compares with the same story without incidents; the noise is equal in
// both, so any difference is the incident's.
func worse(s *Shop, service Service, at time.Time) bool {
	v, usual := s.At(at).Vitals(service, 0), quiet(s).At(at).Vitals(service, 0)
	return v.Latency > usual.Latency || v.Errors > usual.Errors
}

func TestEverythingIsBackToNormalAfterwards(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := tell(rapid.Uint64().Filter(func(n uint64) bool { return n%6 != 0 && n%6 != 4 }).Draw(t, "seed"))
		at := s.Incidents[0].End.Add(aftermath + time.Minute)
		for _, service := range s.Services() {
			if worse(s, service, at) {
				t.Fatalf("%s still suffers at %v from %v", service.Name, at, s.Incidents[0])
			}
		}
	})
}

func TestQueueDrainsAtLast(t *testing.T) {
	s := tell(4)
	i := s.Incidents[0]
	service, _ := s.Service(i.Service)
	if left := s.At(i.End.Add(2 * i.End.Sub(i.Start))).Backlog(service); left > 50 {
		t.Errorf("%v messages still wait in %s", left, i.Service)
	}
}

func TestLoadFollowsTheDay(t *testing.T) {
	s := tell(0)
	frontend := s.Services()[0]
	day := time.Date(2026, 3, 6, 0, 0, 0, 0, time.UTC)
	night, noon := s.At(day.Add(2*time.Hour)).Arrivals(frontend), s.At(day.Add(14*time.Hour)).Arrivals(frontend)
	if noon < 1.8*night {
		t.Errorf("%.1f requests/s in the afternoon, %.1f at night: want a clear difference", noon, night)
	}
}

func TestFreshIncidentBeginsNow(t *testing.T) {
	for seed := range uint64(12) {
		i := Fresh(seed, now())
		if !i.Start.Equal(now()) || i.Kind == "" || i.End.Sub(i.Start) < 8*time.Minute {
			t.Errorf("fresh incident of seed %d: %v", seed, i)
		}
	}
}
