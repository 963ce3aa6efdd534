package shoplogs

import (
	"encoding/hex"
	"net/http"
	"strconv"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/journey"
	"github.com/platformbuilds/mirador-core/devstack/internal/shop"
)

const (
	// slow is how many times the usual a statement may take unnoticed.
	slow = 3
	// late is how long a message may wait unnoticed.
	late = 2 * time.Second
)

// call tells one call: the caller's complaint, the called service's own, and
// the line that every request gets.
func (n *narrator) call(i int) {
	c := n.own(i)
	if c.Reached() {
		n.answered(c)
	}
	if c.Failed() && c.Parent >= 0 && !c.Queued {
		n.complain(i)
	}
}

func (n *narrator) answered(c *journey.Call) {
	if c.Blame == c.Service.Name {
		n.emit(c.End, Error, fault)
	}
	switch {
	case c.Service.Role == shop.Database || c.Service.Role == shop.Cache:
		if c.Took().Seconds() > slow*c.Service.Latency {
			n.emit(c.End, Warn, statement)
		}
	case c.Queued:
		n.emit(c.End, level(c), message)
	default:
		n.emit(c.End, level(c), request)
	}
}

func level(c *journey.Call) string {
	switch {
	case c.Status >= http.StatusInternalServerError:
		return Error
	case c.Status >= http.StatusBadRequest, c.Queued && c.Start.Sub(c.Received) > late:
		return Warn
	}
	return Info
}

// call is the call that the row is about.
func (r *Row) about() *journey.Call { return &r.journey.Calls[r.call] }

// trace names trace and span, when they are kept.
func (r *Row) trace(t *text, span [8]byte) {
	if r.journey.Traced {
		t.set("trace_id", r.journey.TraceID())
		t.set("span_id", hex.EncodeToString(span[:]))
	}
}

func request(r *Row, t *text) {
	c := r.about()
	if r.env() == "synthetic" {
		t.say("probe ", r.view.Audience().Marker, ": ")
		t.set(markerField(r.view.Audience()), r.view.Audience().Marker)
	}
	verdict := "request served: "
	if c.Failed() {
		verdict = "request failed: "
	}
	t.say(verdict, c.Route.Method, " ", c.Path, " answered ", c.Status, " in ", c.Took())
	r.http(t, c)
}

func (r *Row) http(t *text, c *journey.Call) {
	t.set("method", c.Route.Method)
	t.set("path", c.Path)
	t.set("route", c.Route.Path)
	t.set("status", strconv.Itoa(c.Status))
	t.set("duration_ms", millis(c.Took()))
	t.set("bytes", strconv.FormatUint(200+c.Number>>20%9000, 10))
	t.set("user", "u-"+strconv.FormatUint(c.Number>>8%500, 10))
	r.trace(t, r.journey.SpanID(r.call))
}

func message(r *Row, t *text) {
	c := r.about()
	t.say("message m-", r.upTo(90000, 2), " of queue ", c.Service.Name, " handled in ", c.Took(), " after waiting ", c.Start.Sub(c.Received))
	r.http(t, c)
	t.set("queue", c.Service.Name)
	t.set("waited_ms", millis(c.Start.Sub(c.Received)))
}

func statement(r *Row, t *text) {
	c := r.about()
	t.say("slow statement: ", c.Route.Method, " ", c.Path, " took ", c.Took(), ", ", r.upTo(400, 2), " rows")
	if c.Cause == shop.DatabaseLatency && c.Severity > .1 {
		t.say(", waited for ", r.upTo(30, 3), " locks")
	}
	t.set("statement", c.Route.Method+" "+c.Path)
	t.set("duration_ms", millis(c.Took()))
	t.set("caller", r.journey.Calls[c.Parent].Service.Name)
	r.trace(t, r.journey.SpanID(r.call))
}
