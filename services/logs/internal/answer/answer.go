// Package answer sends a body as a stream of google.api.HttpBody. A small body
// is gathered first, so that an error on the way still becomes a status; a large
// or slow one leaves as it grows.
package answer

import (
	"fmt"
	"strconv"
	"sync"
	"time"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/rpc"
)

const (
	// gathered is how much of a body waits for its end.
	gathered = 256 << 10
	// piece is the size of one message.
	piece = 128 << 10
	// patience is how long a row waits for company.
	patience = 100 * time.Millisecond
)

// Stream is the answering side of a method that sends bytes.
type Stream interface {
	SetHeader(metadata.MD) error
	SendHeader(metadata.MD) error
	SetTrailer(metadata.MD)
	Send(*httpbody.HttpBody) error
}

// Writer sends what is written to it. It must be closed when the body is
// complete, or else abandoned. It is used by one goroutine.
type Writer struct {
	to          Stream
	contentType string
	header      metadata.MD

	mu     sync.Mutex
	buf    []byte
	opened bool
	ended  bool
	err    error
	timer  *time.Timer
}

// NewWriter returns a writer of a body of the type. The header, which may be
// nil, leaves before the body.
func NewWriter(to Stream, contentType string, header metadata.MD) *Writer {
	md := metadata.Pairs(rpc.KeyCache, "bypass")
	return &Writer{to: to, contentType: contentType, header: metadata.Join(md, header)}
}

// Write takes a part of the body.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return 0, w.err
	}
	w.buf = append(w.buf, p...)
	if w.opened && len(w.buf) >= piece || len(w.buf) > gathered {
		w.flush()
	}
	if len(w.buf) > 0 && w.timer == nil && w.err == nil {
		w.timer = time.AfterFunc(patience, w.late)
	}
	return len(p), w.err
}

// late sends what has waited long enough.
func (w *Writer) late() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer = nil; !w.ended && w.err == nil {
		w.flush()
	}
}

// flush sends what there is; the body is not complete.
func (w *Writer) flush() {
	if !w.opened {
		w.opened = true
		if err := w.to.SendHeader(w.header); err != nil {
			w.err = fmt.Errorf("send header: %w", err)
			return
		}
		w.err = w.send(w.buf, true)
	} else {
		w.err = w.send(w.buf, false)
	}
	w.buf = w.buf[:0]
}

// Close sends the rest of a complete body. The trailer may be nil.
func (w *Writer) Close(trailer metadata.MD) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end()
	if w.err != nil {
		return w.err
	}
	w.to.SetTrailer(trailer)
	if w.opened {
		return w.send(w.buf, false)
	}
	w.opened = true
	w.header.Set(rpc.KeyLength, strconv.Itoa(len(w.buf)))
	if err := w.to.SetHeader(w.header); err != nil {
		return fmt.Errorf("set header: %w", err)
	}
	return w.send(w.buf, true)
}

// Abandon ends a body that stays incomplete; after Close it does nothing.
func (w *Writer) Abandon() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end()
}

func (w *Writer) end() {
	w.ended = true
	if w.timer != nil {
		w.timer.Stop()
	}
}

// send passes the bytes on in messages of bounded size; the first message has
// the content type, even when the body is empty.
func (w *Writer) send(p []byte, first bool) error {
	for len(p) > 0 || first {
		n := min(len(p), piece)
		m := &httpbody.HttpBody{Data: p[:n]}
		if first {
			m.ContentType = w.contentType
		}
		if err := w.to.Send(m); err != nil {
			return fmt.Errorf("send body: %w", err)
		}
		p, first = p[n:], false
	}
	return nil
}
