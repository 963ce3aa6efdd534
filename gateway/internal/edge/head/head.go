// Package head judges the head of a request on the raw bytes that fasthttp
// has set aside, before anything is routed. fasthttp and Fiber let some heads
// through that two servers may read differently; such a head is refused here
// and its connection closed. It parses nothing that fasthttp has not parsed:
// it only refuses.
package head

import (
	"bytes"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// Limits of a head.
type Limits struct {
	// Target is the longest request target in bytes.
	Target int
	// Fields is the highest number of header lines.
	Fields int
}

// Request is what fasthttp has read of a head.
type Request struct {
	// Method, Target and Protocol of the request line.
	Method, Target, Protocol []byte
	// Raw is the header block as received, up to and with the blank line.
	Raw []byte
}

// Verdict on a head that may pass.
type Verdict struct {
	// Drop names the headers that must be removed: identity and routing hints
	// that only a proxy of our own may set.
	Drop []string
}

// Check returns the fault of a head that must be refused, or nil.
func Check(r Request, l Limits) (Verdict, *fault.Error) {
	if f := line(r, l); f != nil {
		return Verdict{}, f
	}
	s := scan{limits: l, method: r.Method}
	if f := s.block(r.Raw); f != nil {
		return Verdict{}, f
	}
	if f := s.whole(r); f != nil {
		return Verdict{}, f
	}
	return Verdict{Drop: s.drop}, nil
}

// line judges the request line.
func line(r Request, l Limits) *fault.Error {
	switch {
	case !bytes.Equal(r.Protocol, []byte("HTTP/1.1")) && !bytes.Equal(r.Protocol, []byte("HTTP/1.0")):
		return malformed("the HTTP version is not supported")
	case len(r.Target) > l.Target:
		return fault.New(fault.CodeHeadTooLarge, "Request URL too long").WithDetail("the limit is %d bytes", l.Target)
	case bytes.Equal(r.Target, []byte("*")) && bytes.Equal(r.Method, []byte("OPTIONS")):
		return nil
	case len(r.Target) == 0 || r.Target[0] != '/':
		return malformed("the request target must be a path")
	case bytes.ContainsFunc(r.Target, notInTarget):
		return malformed("the request target holds a character that must be escaped")
	}
	return nil
}

func notInTarget(r rune) bool { return r <= ' ' || r >= 0x7f || r == '#' }

func malformed(detail string) *fault.Error {
	return fault.New(fault.CodeMalformedRequest, "Malformed request").WithDetail("%s", detail)
}
