package shoptraces

import (
	"fmt"
	"net/http"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/journey"
	"github.com/platformbuilds/mirador-core/devstack/internal/shop"
)

// Spans visits every span that ends from <= time < to: a back end counts a
// span by its end.
func Spans(traffic *journey.Traffic, from, to time.Time, visit func(*Span)) {
	traffic.Slots(from, to, func(v *journey.View) {
		v.Journeys(func(j *journey.Journey) {
			if !j.Traced {
				return
			}
			trace(v, j, func(s *Span) {
				if !s.End.Before(from) && s.End.Before(to) && v.Keeps(s.End) {
					visit(s)
				}
			})
		})
	})
}

// trace visits all spans of a journey, parents before their children.
func trace(v *journey.View, j *journey.Journey, visit func(*Span)) {
	for n := range j.Calls {
		c := &j.Calls[n]
		s := Span{Trace: j.Trace, view: v, call: c}
		if n > 0 {
			asked(&s, j, n)
			visit(&s)
		}
		if c.Reached() {
			answered(&s, j, n)
			visit(&s)
		}
	}
}

// asked is the call as its caller sees it.
func asked(s *Span, j *journey.Journey, n int) {
	c, caller := s.call, &j.Calls[s.call.Parent]
	s.ID, s.Parent = j.ClientID(n), j.SpanID(c.Parent)
	s.Service, s.Version, s.Instance = caller.Service, caller.Version, caller.Instance
	s.Start, s.End, s.Name, s.Kind = c.Sent, c.Received, operation(c), Client
	if c.Queued {
		s.Kind, s.Name = Producer, c.Service.Name+" publish"
		return
	}
	s.Fault = fault(c, false)
}

// answered is the call as the called service sees it.
func answered(s *Span, j *journey.Journey, n int) {
	c := s.call
	s.Parent = [8]byte{}
	if n > 0 {
		s.Parent = j.ClientID(n)
	}
	s.ID, s.Service, s.Version, s.Instance = j.SpanID(n), c.Service, c.Version, c.Instance
	s.Start, s.End, s.Name, s.Kind = c.Start, c.End, operation(c), Server
	switch {
	case c.Queued:
		s.Kind, s.Name = Consumer, c.Service.Name+" process"
	case c.Service.Name == s.view.Audience().ProbeService():
		s.Kind, s.Name = Internal, "probe "+s.view.Audience().Marker
	}
	s.Fault = fault(c, true)
}

// operation is the route for HTTP, the statement for databases and caches.
func operation(c *journey.Call) string { return c.Route.Method + " " + c.Route.Path }

// fault is the message of a failed call; only the service to blame knows more.
func fault(c *journey.Call, inside bool) string {
	switch {
	case !c.Failed():
		return ""
	case !c.Reached():
		return "connection refused by " + c.Service.Name
	case !inside:
		return fmt.Sprintf("%s answered %d %s", c.Service.Name, c.Status, http.StatusText(c.Status))
	case c.Blame != c.Service.Name:
		return "call failed because of " + c.Blame
	}
	return causes(c.Cause)
}

func causes(kind shop.Kind) string {
	switch kind {
	case shop.DatabaseLatency:
		return "canceling statement due to timeout"
	case shop.BadDeploy:
		return "panic: nil pointer dereference"
	case shop.MemoryLeak:
		return "allocation failed: heap limit reached"
	case shop.CPUSaturation:
		return "deadline exceeded while waiting for a worker"
	}
	return "unexpected end of stream"
}
