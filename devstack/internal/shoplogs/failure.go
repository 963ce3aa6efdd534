package shoplogs

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/platformbuilds/mirador-core/devstack/internal/journey"
	"github.com/platformbuilds/mirador-core/devstack/internal/shop"
)

// markerField is the one field name that only this tenant has.
func markerField(a journey.Audience) string { return strings.ReplaceAll(a.Marker, "-", "_") }

// complain is what the caller writes about the i-th call, at the moment at
// which the answer arrives.
func (n *narrator) complain(i int) {
	c := n.row.journey.Calls[i]
	n.own(c.Parent)
	n.row.call = i
	n.emit(c.Received, Error, complaint)
}

func complaint(r *Row, t *text) {
	c := r.about()
	switch {
	case !c.Reached():
		t.say("call to ", c.Service.Name, " failed: connection refused by ", c.Service.Instance(0), " after ", c.Received.Sub(c.Sent))
	case c.Service.Role == shop.Database || c.Service.Role == shop.Cache:
		t.say("statement on ", c.Service.Name, " failed: ", c.Route.Method, " ", c.Path, " gave up after ", c.Received.Sub(c.Sent))
	default:
		t.say("call to ", c.Service.Name, " failed: ", c.Route.Method, " ", c.Path, " answered ", c.Status, " ", http.StatusText(c.Status))
	}
	t.set("peer", c.Service.Name)
	t.set("duration_ms", millis(c.Received.Sub(c.Sent)))
	r.trace(t, r.journey.ClientID(r.call))
}

// fault is what a service writes about a failure of its own.
func fault(r *Row, t *text) {
	c := r.about()
	switch c.Cause {
	case shop.DatabaseLatency:
		t.say("canceling statement due to timeout: ", c.Route.Method, " ", c.Path, " waited ", c.Took(), " for a lock held by process ", r.upTo(30000, 2))
		t.set("error_type", "statement_timeout")
	case shop.BadDeploy:
		t.say("panic recovered in ", c.Route.Path, ": nil pointer dereference, order ", r.upTo(90000, 2), " has no billing_address")
		t.set("error_type", "panic")
	case shop.MemoryLeak:
		t.say("allocation of ", r.upTo(64, 2), " KiB failed: heap limit of ", int(c.Service.Limit)>>20, " MiB reached")
		t.set("error_type", "out_of_memory")
	case shop.CPUSaturation:
		t.say("deadline exceeded: request ", r.upTo(90000, 2), " waited ", c.Took(), " for a free worker")
		t.set("error_type", "deadline_exceeded")
	default:
		t.say("unexpected end of stream after ", r.upTo(4000, 2), " bytes of request ", r.upTo(90000, 3))
		t.set("error_type", "broken_stream")
	}
	t.set("status", strconv.Itoa(c.Status))
	t.set("route", c.Route.Path)
	r.trace(t, r.journey.SpanID(r.call))
}
