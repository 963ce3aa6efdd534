// Package relay sends public bodies: small ones whole and checked, so that
// failures come as faults and not as torn bodies, large ones as a stream in
// bounded memory.
package relay

import (
	"fmt"
	"strconv"
	"time"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/rpc"
)

const (
	// held is the size up to which bodies are sent whole.
	held = 256 << 10
	// piece is the most that one message carries.
	piece = 127 << 10
	// few bytes wait in a buffer of their own.
	few = 16 << 10

	contentType = "application/json"
)

// Stream is the answering side of a gRPC call.
type Stream interface {
	SetHeader(metadata.MD) error
	SendHeader(metadata.MD) error
	SetTrailer(metadata.MD)
	Send(*httpbody.HttpBody) error
}

// Body is one answer on its way; an io.Writer. Close ends it: a body that is
// not closed was not whole, and as long as Opened is false nothing of it was
// sent.
type Body struct {
	to      Stream
	waiting []byte
	header  metadata.MD
	ttl     time.Duration
	opened  bool
	begun   bool
}

// NewBody begins an answer.
func NewBody(to Stream) *Body {
	return &Body{to: to, header: metadata.Pairs(rpc.KeyCache, "bypass")}
}

// Keep lets the answer be cached for ttl.
func (b *Body) Keep(ttl time.Duration) {
	if b.ttl = ttl; ttl > 0 {
		b.header.Set(rpc.KeyCache, "miss")
	}
}

// Degraded names the back end whose absence made the answer empty.
func (b *Body) Degraded(backend string) { b.header.Set(rpc.KeyDegraded, backend) }

// Warn tells what was left out. Once the body is open it is too late.
func (b *Body) Warn(format string, args ...any) {
	b.header.Append(rpc.KeyWarning, fmt.Sprintf(format, args...))
}

// Opened tells that something was sent.
func (b *Body) Opened() bool { return b.opened }

// Write implements io.Writer. The bytes may be used again when it returns.
func (b *Body) Write(p []byte) (int, error) {
	if need := len(b.waiting) + len(p); !b.opened && need <= held {
		b.reserve(need)
		b.waiting = append(b.waiting, p...)
		return len(p), nil
	}
	if err := b.open(-1); err != nil {
		return 0, err
	}
	if err := b.flush(); err != nil {
		return 0, err
	}
	return len(p), b.send(p)
}

// Close sends what is left, and the trailer.
func (b *Body) Close() error {
	if b.ttl >= time.Millisecond {
		b.to.SetTrailer(metadata.Pairs(rpc.KeyCacheTTL, strconv.FormatInt(b.ttl.Milliseconds(), 10)))
	}
	if err := b.open(len(b.waiting)); err != nil {
		return err
	}
	return b.flush()
}

// open sends the header once; length is that of a whole body, or negative.
func (b *Body) open(length int) error {
	if b.opened {
		return nil
	}
	b.opened = true
	// The header of a whole body leaves together with it.
	send := b.to.SendHeader
	if length >= 0 {
		b.header.Set(rpc.KeyLength, strconv.Itoa(length))
		send = b.to.SetHeader
	}
	if err := send(b.header); err != nil {
		return fmt.Errorf("send header: %w", err)
	}
	return nil
}

func (b *Body) flush() error {
	waiting := b.waiting
	b.waiting = nil
	err := b.send(waiting)
	if cap(waiting) == held {
		whole := waiting[:0]
		bodies.Put(&whole)
	}
	return err
}

// send passes bytes on. gRPC has copied them when it returns.
func (b *Body) send(p []byte) error {
	for len(p) > 0 {
		n := min(len(p), piece)
		message := &httpbody.HttpBody{Data: p[:n]}
		if !b.begun {
			message.ContentType, b.begun = contentType, true
		}
		if err := b.to.Send(message); err != nil {
			return fmt.Errorf("send body: %w", err)
		}
		p = p[n:]
	}
	return nil
}
