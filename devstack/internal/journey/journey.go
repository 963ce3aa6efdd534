// Package journey follows single requests through the shop: each one is a tree
// of calls with exact times, instances and outcomes. Logs and traces are two
// views of the same journeys. Everything is a pure function of the story, the
// tenant and time.
package journey

import (
	"encoding/binary"
	"encoding/hex"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/shop"
)

// Longest is the time within which every journey has ended, messages included.
const Longest = time.Minute

// Journey is one request from outside. It is valid until its visitor returns.
type Journey struct {
	// Trace tells it apart from every other journey of any tenant.
	Trace [16]byte
	// Traced says that its spans are kept; only then do its log rows name it.
	Traced bool
	// Calls of the journey, callers before the called; the first is the root.
	Calls []Call
}

// Call is one service at work for a journey.
type Call struct {
	Service shop.Service
	Version string
	// Instance that answers; -1 when none could be reached.
	Instance int
	Route    shop.Route
	// Path is the route with its ids filled in, for databases the statement.
	Path string
	// Parent is the place of the caller in Calls, -1 at the root.
	Parent int
	// Queued says that the caller only left a message.
	Queued bool
	// Sent and Received are the caller's view, Start and End that of the called.
	Sent, Received, Start, End time.Time
	// Status is an HTTP status code, for databases too.
	Status int
	// Blame names the service whose fault a failure is, empty when all went well.
	Blame string
	// Cause is the incident that is felt in the service itself.
	Cause shop.Kind
	// Severity of that incident, 0 to 1.
	Severity float64
	// Backlog is how many messages waited when this one was left.
	Backlog int
	// Number is drawn once per call, for ids in its texts.
	Number uint64
}

// Failed says whether the answer was an error.
func (c *Call) Failed() bool { return c.Blame != "" }

// Reached says whether an instance took the call.
func (c *Call) Reached() bool { return c.Instance >= 0 }

// Took is how long the service worked on the call.
func (c *Call) Took() time.Duration { return c.End.Sub(c.Start) }

// TraceID is the trace as 32 hexadecimal digits.
func (j *Journey) TraceID() string { return hex.EncodeToString(j.Trace[:]) }

// SpanID is the n-th call as its service sees it; ClientID is the same call as
// its caller sees it.
func (j *Journey) SpanID(n int) [8]byte { return j.span(uint64(2*n) + 1) }

// ClientID is the caller's span of the n-th call.
func (j *Journey) ClientID(n int) [8]byte { return j.span(uint64(2*n) + 2) }

func (j *Journey) span(n uint64) (id [8]byte) {
	binary.BigEndian.PutUint64(id[:], scramble(binary.BigEndian.Uint64(j.Trace[:8])^scramble(n)))
	return id
}

// scramble is splitmix64's finaliser: a bijection, so no two ids are equal.
func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}
