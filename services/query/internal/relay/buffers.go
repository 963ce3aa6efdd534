package relay

import (
	"sync"
	"time"

	"github.com/platformbuilds/mirador-core/services/query/internal/splice"
)

// Relay holds the buffers that all answers of a process share.
type Relay struct{ pool sync.Pool }

// New returns a Relay.
func New() *Relay {
	return &Relay{pool: sync.Pool{New: func() any {
		return &buffers{in: make([]byte, piece), scanner: splice.New(splice.Limits{})}
	}}}
}

// buffers serve one answer at a time: in for what the back end sends, out for
// what is held back.
type buffers struct {
	in, out []byte
	scanner *splice.Scanner
}

func (r *Relay) take(limits splice.Limits) *buffers {
	b, ok := r.pool.Get().(*buffers)
	if !ok {
		b = &buffers{in: make([]byte, piece), scanner: splice.New(limits)}
	}
	b.out = b.out[:0]
	b.scanner.Reset(limits)
	return b
}

// give keeps the buffers unless an odd tail has blown them up.
func (r *Relay) give(b *buffers) {
	if cap(b.out) <= 4*checked {
		r.pool.Put(b)
	}
}

// noTee stands in where nothing is to be cached.
type noTee struct{}

// Caching implements Tee.
func (noTee) Caching() bool { return false }

// Write implements Tee.
func (noTee) Write([]byte) {}

// Commit implements Tee.
func (noTee) Commit(int, int, []byte, time.Duration) {}

// Abandon implements Tee.
func (noTee) Abandon() {}
