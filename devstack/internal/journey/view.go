package journey

import (
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/shop"
)

// View is the shop as the journeys of one slot find it.
type View struct {
	Time     time.Time
	traffic  *Traffic
	moment   *shop.Moment
	arrivals float64
	states   []State
}

// State is one service in a slot.
type State struct {
	Service shop.Service
	Version string
	Strain  shop.Strain
	// Alive lists the instances that answer.
	Alive []int
	// Backlog is how many messages wait, Wait how long the next one will.
	Backlog float64
	Wait    time.Duration

	own float64 // median seconds of the service's own work
}

// slowest bounds the median of one's own work, in seconds.
const slowest = 1.5

// longestWait bounds the time of a message in a queue, so that journeys end.
const longestWait = 20 * time.Second

func (t *Traffic) view(at time.Time) *View {
	m := t.story.At(at)
	v := &View{Time: at, traffic: t, moment: m, states: make([]State, len(t.story.Services()))}
	for i, service := range t.story.Services() {
		v.states[i] = t.state(m, service)
	}
	v.arrivals = m.Arrivals(t.story.Services()[0])
	return v
}

func (t *Traffic) state(m *shop.Moment, service shop.Service) State {
	s := State{Service: service, Version: t.story.Version(service, m.Time), Strain: m.Strain(service), Alive: m.Alive(service)}
	s.own = min(slowest, t.alone[service.Name]+s.Strain.Delay)
	s.Backlog = m.Backlog(service)
	if handled := m.Handled(service); handled > 0 {
		s.Wait = min(longestWait, time.Duration(s.Backlog/handled*float64(time.Second)))
	}
	return s
}

// Keeps says whether what happens at a time still belongs to a journey of the
// slot. A journey that takes longer than Longest, which needs several
// incidents at once, is not told to its end.
func (v *View) Keeps(at time.Time) bool { return at.Before(v.Time.Add(Longest)) }

// States lists the services of the shop, callers before the called.
func (v *View) States() []State { return v.states }

// Vitals looks at an instance; it costs more than everything else here.
func (v *View) Vitals(s *State, n int) shop.Vitals { return v.moment.Vitals(s.Service, n) }

// Connections is how many connections to a database or cache are busy.
func (v *View) Connections(s *State) float64 { return v.moment.Connections(s.Service) }

// Began tells when the process of an instance began, if that was in this slot.
func (v *View) Began(s *State, n int) (time.Time, bool) {
	at := v.traffic.story.Started(s.Service, n, v.Time.Add(Slot-1))
	return at, !at.Before(v.Time)
}

// Audience is who listens.
func (v *View) Audience() Audience { return v.traffic.audience }

// Fraction is a number in [0, 1) that only the slot and n decide.
func (v *View) Fraction(n uint64) float64 { return v.fraction(n ^ 1<<40) }

func (v *View) state(name string) *State { return &v.states[v.traffic.place[name]] }
