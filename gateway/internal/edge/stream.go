package edge

import (
	"errors"
	"fmt"
	"io"

	"github.com/gofiber/fiber/v2"

	"github.com/platformbuilds/mirador-core/gateway/internal/relay"
)

// stream is the body of an answer that is still coming. fasthttp reads it
// after the handler returned; an error from Read makes it close the connection
// without the final chunk, so that a client cannot take a broken body for a
// whole one.
type stream struct {
	e      *Edge
	x      *exchange
	answer *relay.Answer
	conn   *conn
	coder  *coder
	rest   []byte
	err    error
}

// stream hands the answer over to fasthttp. From here on the exchange is
// finished by the stream.
func (e *Edge) stream(x *exchange, a *relay.Answer) {
	if x.method == fiber.MethodHead {
		a.Close()
		headOnly(x)
		return
	}
	s := &stream{e: e, x: x, answer: a}
	s.conn, _ = x.req.Conn().(*conn)
	if name := e.coding(x, a.ContentType); name != "" {
		s.coder = e.encoder.stream(name)
		encoded(x, name)
	}
	if s.conn != nil {
		s.conn.gather = true
	}
	if a.Filename != "" {
		_ = x.req.Response.Header.SetTrailer(rowsTrailer + ", " + checksumTrailer) // both names are allowed
	}
	x.streaming = true
	x.req.Response.SetStatusCode(200)
	x.req.Response.SetBodyStream(s, -1)
}

// The trailers of an attachment: what a client compares to know that it has
// all of it.
const (
	rowsTrailer     = "X-Mirador-Rows"
	checksumTrailer = "X-Mirador-Checksum"
)

// headOnly is the head of a stream whose body nobody wants. fasthttp would put
// the end of a chunked body behind it.
func headOnly(x *exchange) {
	x.req.Response.SetStatusCode(fiber.StatusOK)
	x.req.Response.SkipBody = true
	x.req.Response.Header.SetContentLength(-1)
}

// Read implements io.Reader. What was gathered is sent before waiting for more.
func (s *stream) Read(p []byte) (n int, err error) {
	defer func() {
		if r := recover(); r != nil {
			s.err = fmt.Errorf("panic while streaming: %v", r)
			err = s.err
		}
	}()
	for len(s.rest) == 0 {
		if s.err != nil {
			return 0, s.err
		}
		s.next()
	}
	n = copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

func (s *stream) next() {
	if s.conn != nil {
		if s.err = s.conn.flush(); s.err != nil {
			return
		}
	}
	s.rest, s.err = s.answer.Next()
	if errors.Is(s.err, io.EOF) && s.answer.Filename != "" {
		s.x.set(rowsTrailer, s.answer.Rows)
		s.x.set(checksumTrailer, s.answer.Checksum)
	}
	if s.coder != nil {
		s.rest, s.err = s.coder.next(s.rest, s.err)
	}
}

// Close implements io.Closer; fasthttp calls it when the body was written, cut
// or dropped. It cancels what still runs.
func (s *stream) Close() error {
	s.answer.Close()
	if s.conn != nil {
		if err := s.conn.stop(); err != nil && s.x.cause == nil {
			s.x.cause = fmt.Errorf("write to client: %w", err)
		}
	}
	if s.coder != nil {
		s.coder.release()
	}
	if s.err != nil && !errors.Is(s.err, io.EOF) {
		s.x.cause = fmt.Errorf("stream answer: %w", s.err)
	}
	s.e.finish(s.x)
	return nil
}
