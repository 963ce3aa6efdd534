package relay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/rpc"
)

// Cache says where an answer came from, in the words of X-Cache.
type Cache string

// The places.
const (
	Hit    Cache = "HIT"
	Miss   Cache = "MISS"
	Bypass Cache = "BYPASS"
)

// ErrIncomplete says that a body ended before the length that was announced.
var ErrIncomplete = errors.New("incomplete answer")

// Answer is a body on its way to one client. It belongs to one goroutine at a
// time and must be closed.
type Answer struct {
	// ContentType of the body.
	ContentType string
	// Cache tells where the answer came from: Hit on either level, Miss, Bypass.
	Cache Cache
	// Age since the answer was stored here, 0 when it was not.
	Age time.Duration
	// TTL for which the answer is stored here from now on, 0 when it is not.
	TTL time.Duration
	// Epoch of the definitions inside, as the service said; empty when unknown.
	Epoch string
	// Filename under which a client should keep the body, or empty.
	Filename string
	// Degraded names the back end whose absence made the answer empty.
	Degraded string
	// Warnings of the service: what it ignored or left out.
	Warnings []string
	// Rows and Checksum of the complete body, as the service counted them; they
	// are known once Next has returned io.EOF, and empty when it does not say.
	Rows, Checksum string

	body  []byte
	whole bool

	stream  grpc.ServerStreamingClient[httpbody.HttpBody]
	tee     *tee
	cancel  context.CancelFunc
	pending []byte
	length  int
	got     int
	ended   error
}

// Whole returns the body when all of it is here; it must not be changed. A
// streaming answer gives false.
func (a *Answer) Whole() ([]byte, bool) { return a.body, a.whole }

// Next returns the next bytes of the body, which must not be changed. io.EOF
// says that the body is complete; on any other error the client's connection
// must be cut, because the body is not.
func (a *Answer) Next() ([]byte, error) {
	switch {
	case a.ended != nil:
		return nil, a.ended
	case a.whole:
		a.ended = io.EOF
		return a.body, nil
	case a.pending != nil:
		p := a.pending
		a.pending = nil
		return p, nil
	}
	return a.receive()
}

// receive takes the next message, and settles the tee when there is none.
func (a *Answer) receive() ([]byte, error) {
	message, err := a.stream.Recv()
	switch {
	case err == nil:
		return a.took(message), nil
	case errors.Is(err, io.EOF) && a.length >= 0 && a.got != a.length:
		err = fmt.Errorf("%w: %d of %d bytes", ErrIncomplete, a.got, a.length)
	}
	if errors.Is(err, io.EOF) {
		a.tail(a.stream.Trailer())
	} else {
		a.tee.abandon(false)
	}
	a.cancel()
	if !a.whole {
		a.ended = err
	}
	return nil, err
}

// tail reads what follows a complete body.
func (a *Answer) tail(trailer metadata.MD) {
	a.Rows, a.Checksum = first(trailer, rpc.KeyRows), first(trailer, rpc.KeyChecksum)
	a.tee.commit(a, trailer)
}

// special tells whether the answer says more than its body, which would be
// lost in memory.
func (a *Answer) special() bool {
	return a.Filename != "" || a.Degraded != "" || len(a.Warnings) > 0 || a.Rows != "" || a.Checksum != ""
}

func (a *Answer) took(message *httpbody.HttpBody) []byte {
	p := message.GetData()
	a.got += len(p)
	a.tee.add(p)
	return p
}

// WriteTo writes the rest of the body. An error other than the writer's own
// says that the body is not complete.
func (a *Answer) WriteTo(w io.Writer) (int64, error) {
	var written int64
	for {
		p, err := a.Next()
		if errors.Is(err, io.EOF) {
			return written, nil
		}
		if err != nil {
			return written, err
		}
		n, err := w.Write(p)
		written += int64(n)
		if err != nil {
			return written, err
		}
	}
}

// Close ends the answer; a call that still streams is cancelled, and another
// call with the same key takes over.
func (a *Answer) Close() {
	if a.cancel == nil {
		return
	}
	a.tee.abandon(true)
	a.cancel()
	if a.ended == nil {
		a.ended = context.Canceled
	}
}
