// Package shoptraces shows the story of package shop as spans: each journey
// that is kept becomes one trace over the services it came through. It is a
// pure function of the journeys and writes nothing.
package shoptraces

import (
	"strconv"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/journey"
	"github.com/platformbuilds/mirador-core/devstack/internal/shop"
)

// Kind of a span, numbered as in OpenTelemetry.
type Kind int32

// The kinds of spans.
const (
	Internal Kind = 1
	Server   Kind = 2
	Client   Kind = 3
	Producer Kind = 4
	Consumer Kind = 5
)

// Field is one name and value; values are always text.
type Field struct{ Name, Value string }

// Span is one piece of work of one service. It is valid until its visitor
// returns.
type Span struct {
	Trace      [16]byte
	ID, Parent [8]byte // no parent at the root: all zero
	Name       string
	Kind       Kind
	Start, End time.Time
	// Service, Version and Instance whose work it is.
	Service  shop.Service
	Version  string
	Instance int
	// Fault is the message of a failed span, empty when all went well.
	Fault string

	view *journey.View
	call *journey.Call
}

// Resource appends what describes the process.
func (s *Span) Resource(to []Field) []Field {
	return append(to, Field{"service.name", s.Service.Name}, Field{"service.version", s.Version},
		Field{"service.instance.id", s.Service.Instance(s.Instance)}, Field{"deployment.environment", s.env()},
		Field{"marker", s.view.Audience().Marker})
}

// env is where the instance runs; the probe is none of the shop's own.
func (s *Span) env() string {
	if s.Service.Name == s.view.Audience().ProbeService() {
		return "synthetic"
	}
	return "prod"
}

// Attributes appends what describes the work.
func (s *Span) Attributes(to []Field) []Field {
	to = append(to, Field{"marker", s.view.Audience().Marker})
	c := s.call
	switch {
	case c.Service.Role == shop.Database || c.Service.Role == shop.Cache:
		to = append(to, Field{"db.system", system(c.Service)}, Field{"db.operation.name", c.Route.Method}, Field{"db.collection.name", c.Route.Path})
	case c.Queued:
		to = append(to, Field{"messaging.system", "shop"}, Field{"messaging.destination.name", c.Service.Name},
			Field{"messaging.backlog", strconv.Itoa(c.Backlog)})
	default:
		to = append(to, Field{"http.request.method", c.Route.Method}, Field{"http.route", c.Route.Path},
			Field{"url.path", c.Path}, Field{"http.response.status_code", strconv.Itoa(c.Status)})
	}
	if s.Kind == Client || s.Kind == Producer {
		to = append(to, Field{"peer.service", c.Service.Name})
	}
	return to
}

func system(service shop.Service) string {
	if service.Role == shop.Cache {
		return "redis"
	}
	return "postgresql"
}
