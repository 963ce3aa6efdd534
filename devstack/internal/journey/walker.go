package journey

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/shop"
)

const (
	// spread is the sigma of the log-normal distribution of the time of one's
	// own work, clipped at three sigma.
	spread = .45
	// unlucky is the share of calls that fail on a quiet day.
	unlucky = .0006
	// absent is the share of look-ups by id that find nothing.
	absent = .004
	// hop is the median time of one way over the network, in seconds.
	hop = .0004
	// refusal is how long a dead instance takes to be noticed.
	refusal = 1500 * time.Microsecond
)

// walker leads one journey after the other through the shop.
type walker struct {
	view *View
	draw *rand.Rand
	made Journey
}

// request is a journey of a customer.
func (w *walker) request(id [16]byte, at time.Time) *Journey {
	w.made = Journey{Trace: id, Calls: w.made.Calls[:0]}
	front := &w.view.states[0]
	n := w.call(-1, front, w.route(front.Service), at, at)
	w.serve(n, front)
	w.made.Calls[n].Received = w.made.Calls[n].End
	w.made.Traced = w.draw.IntN(traced) == 0 || w.made.Calls[n].Failed()
	return &w.made
}

// check is a journey of the probe, which watches the front page from outside.
func (w *walker) check(id [16]byte, at time.Time) *Journey {
	w.made = Journey{Trace: id, Traced: true, Calls: w.made.Calls[:0]}
	probe := w.view.traffic.probe
	w.made.Calls = append(w.made.Calls, Call{Service: probe, Version: probe.Version, Route: probe.Routes[0], Path: "/",
		Parent: -1, Sent: at, Start: at, Status: 200, Number: w.draw.Uint64()})
	end := at.Add(w.time(probe.Latency))
	front := &w.view.states[0]
	n := w.call(0, front, front.Service.Routes[0], end, end.Add(w.time(10*hop)))
	w.serve(n, front)
	w.back(n)
	w.join(0, n)
	w.finish(0, w.made.Calls[n].Received.Add(w.time(probe.Latency)))
	w.made.Calls[0].Received = w.made.Calls[0].End
	return &w.made
}

// call adds a call that is sent at one time and arrives at another.
func (w *walker) call(parent int, s *State, route shop.Route, sent, start time.Time) int {
	c := Call{Service: s.Service, Version: s.Version, Instance: -1, Route: route, Parent: parent, Sent: sent, Start: start, End: start,
		Status: 200, Cause: s.Strain.Cause, Severity: s.Strain.Severity, Number: w.draw.Uint64()}
	if len(s.Alive) > 0 {
		c.Instance = s.Alive[w.draw.IntN(len(s.Alive))]
	}
	c.Path = fill(route.Path, c.Number)
	w.made.Calls = append(w.made.Calls, c)
	return len(w.made.Calls) - 1
}

// serve lets the service work on the call: parts of its own work before, in
// between and after the calls it makes. It gives up when one of them fails.
func (w *walker) serve(n int, s *State) {
	down := len(s.Alive) < s.Service.Instances
	failing := w.draw.Float64() < s.Strain.Errors+unlucky
	if !w.made.Calls[n].Reached() || failing && down {
		w.refuse(n)
		return
	}
	plan := w.plan(s, w.made.Calls[n].Route)
	work := w.time(s.own) / time.Duration(len(plan)+1)
	at := w.made.Calls[n].Start.Add(work)
	for _, e := range plan {
		if at = w.out(n, e, at); w.made.Calls[n].Failed() {
			break
		}
		at = at.Add(work)
	}
	w.finish(n, at)
	w.judge(n, failing)
}

// out makes one call of the n-th call and returns when it has its answer.
func (w *walker) out(n int, e shop.Edge, at time.Time) time.Time {
	s := w.view.state(e.To)
	if e.Async {
		return w.leave(n, s, at)
	}
	next := w.call(n, s, w.route(s.Service), at, at.Add(w.time(hop)))
	w.serve(next, s)
	w.back(next)
	w.join(n, next)
	return w.made.Calls[next].Received
}

// leave puts a message into the queue of s; nobody waits for what becomes of it.
func (w *walker) leave(n int, s *State, at time.Time) time.Time {
	left := at.Add(w.time(2 * hop))
	wait := w.time(s.Wait.Seconds() + hop)
	next := w.call(n, s, w.route(s.Service), at, left.Add(min(wait, longestWait)))
	c := &w.made.Calls[next]
	c.Queued, c.Received, c.Backlog = true, left, int(s.Backlog)
	w.serve(next, s)
	return left
}

// time draws a time around a median in seconds.
func (w *walker) time(median float64) time.Duration {
	away := max(-3, min(3, w.draw.NormFloat64()))
	return time.Duration(median * math.Exp(spread*away) * float64(time.Second))
}
