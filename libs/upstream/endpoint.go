package upstream

import (
	"math/rand/v2"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	// strikes in a row eject an endpoint that still answers, with faults.
	strikes = 5
	// firstRest and lastRest bound how long an ejected endpoint rests before
	// it is tried again.
	firstRest = 250 * time.Millisecond
	lastRest  = 5 * time.Second
)

// condition of an endpoint. An ailing one answers, but with faults; it is used
// when nothing better is there. A dead one does not answer and is not used.
type condition int32

const (
	fit condition = iota
	ailing
	dead
)

// endpoint is one place where the back end runs.
type endpoint struct {
	base *url.URL
	key  string

	inflight  atomic.Int64
	faults    atomic.Int32
	condition atomic.Int32
	// until is the end of the rest, in Unix nanoseconds.
	until atomic.Int64
	// claimed tells that somebody tries the endpoint after its rest.
	claimed atomic.Bool

	mu     sync.Mutex
	rest   time.Duration
	reason string
	since  time.Time

	probe  probeLock
	counts endpointCounts
}

// endpointCounts are looked up once, not per call.
type endpointCounts struct {
	ok, failed prometheus.Counter
	ejected    prometheus.Gauge
}

func newEndpoint(u *url.URL, m *metrics) *endpoint {
	key := u.Host + u.Path
	return &endpoint{base: u, key: key, counts: m.endpoint(key)}
}

func (e *endpoint) is() condition { return condition(e.condition.Load()) }

// succeeded forgets earlier faults and takes an ejected endpoint back.
func (e *endpoint) succeeded() {
	if e.faults.Load() != 0 {
		e.faults.Store(0)
	}
	if e.is() != fit {
		e.restore()
	}
}

func (e *endpoint) restore() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.rest, e.reason, e.since = 0, "", time.Time{}
	e.faults.Store(0)
	e.condition.Store(int32(fit))
	e.counts.ejected.Set(0)
}

// struck counts a fault of an endpoint that still answers. It is true when the
// fault ejected the endpoint.
func (e *endpoint) struck(now time.Time, reason string) bool {
	return e.faults.Add(1) >= strikes && e.is() == fit && e.eject(now, ailing, reason)
}

// eject keeps calls away for a while, longer each time. It is true when they
// were not kept away before.
func (e *endpoint) eject(now time.Time, c condition, reason string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	// Many calls that fail side by side are one event.
	if !e.claimed.Swap(false) && e.is() == c && now.UnixNano() < e.until.Load() {
		return false
	}
	was := e.is()
	if was == fit {
		e.since = now
	}
	e.rest = min(max(2*e.rest, firstRest), lastRest)
	e.reason = reason
	e.until.Store(now.Add(e.rest/2 + rand.N(e.rest)).UnixNano())
	e.condition.Store(int32(c))
	e.counts.ejected.Set(1)
	return was == fit
}

// claim lets exactly one caller try an endpoint whose rest is over.
func (e *endpoint) claim(now time.Time) bool {
	until := e.until.Load()
	if now.UnixNano() < until || !e.until.CompareAndSwap(until, now.Add(lastRest).UnixNano()) {
		return false
	}
	e.claimed.Store(true)
	return true
}

func (e *endpoint) state() State {
	e.mu.Lock()
	defer e.mu.Unlock()
	return State{Endpoint: e.key, InFlight: e.inflight.Load(), Ejected: e.is() != fit, Reason: e.reason, Since: e.since}
}
