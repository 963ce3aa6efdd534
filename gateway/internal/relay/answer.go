package relay

import (
	"io"
	"time"
)

// Cache says where an answer came from, in the words of X-Cache.
type Cache string

// The places.
const (
	Hit    Cache = "HIT"
	Miss   Cache = "MISS"
	Bypass Cache = "BYPASS"
)

// Answer is a body on its way to one client. It belongs to one goroutine and
// must be closed.
type Answer struct {
	// ContentType of the body.
	ContentType string
	// Cache tells where the answer came from.
	Cache Cache
	// Age since the answer was stored here, 0 when it was not.
	Age time.Duration
	// TTL left of a stored answer.
	TTL time.Duration
	// Epoch of the definitions inside, as the service said; empty when unknown.
	Epoch string
}

// Whole returns the body when all of it is here; it must not be changed. A
// streaming answer gives false.
func (a *Answer) Whole() ([]byte, bool) { return nil, false }

// Next returns the next bytes of the body, valid until the following call.
// io.EOF says that the body is complete; on any other error the client's
// connection must be cut, because the body is not.
func (a *Answer) Next() ([]byte, error) { return nil, io.EOF }

// WriteTo writes the rest of the body. An error other than the writer's own
// says that the body is not complete.
func (a *Answer) WriteTo(w io.Writer) (int64, error) { return 0, nil }

// Close ends the answer; a call that still streams is cancelled.
func (a *Answer) Close() {}
