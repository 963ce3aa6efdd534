package upstream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// errBroken marks an answer that began but is not what it claims to be.
var errBroken = errors.New("answer is broken")

// Response is an answer of the back end.
type Response struct {
	// Status of HTTP, below 500.
	Status int
	// Header holds the few headers that pass.
	Header http.Header
	// Body is decompressed, bounded in size and time, and fails with a fault
	// when it is cut. It must be closed.
	Body io.ReadCloser
	// Endpoint that answered.
	Endpoint string

	body *body
}

// Whole gives the complete body without copying, when it was short enough to
// be read in advance; Body then need not be read, only closed. The bytes are
// the caller's.
func (r *Response) Whole() ([]byte, bool) {
	if !complete(r.body.end) || r.body.served > 0 {
		return nil, false
	}
	return r.body.ahead, true
}

// allowed copies the headers that may be relied upon; all others stay behind.
func allowed(h http.Header) http.Header {
	out := make(http.Header, 1)
	if ct := h["Content-Type"]; len(ct) > 0 {
		out["Content-Type"] = ct[:1]
	}
	return out
}

// body of an answer. It is used by one goroutine; Close may come from another.
type body struct {
	pool  *Pool
	ctx   context.Context
	src   io.Reader
	codec codec
	raw   io.Closer
	// left of the size limit.
	left int64
	// ahead was read in advance; served of it was handed out.
	ahead  []byte
	served int
	// end is what comes after ahead: nil while the source goes on.
	end error

	once    sync.Once
	release context.CancelFunc
	cut     context.CancelCauseFunc
	done    func()
}

func (p *Pool) newBody(ctx context.Context, e *endpoint, res *http.Response, cut context.CancelCauseFunc) (*body, error) {
	c, err := open(res.Header.Get("Content-Encoding"), res.Body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBroken, err)
	}
	return &body{pool: p, ctx: ctx, src: c.reader, codec: c, raw: res.Body, left: p.cfg.MaxAnswerBytes,
		release: func() {}, cut: cut, done: func() { e.inflight.Add(-1) }}, nil
}

// prefetch reads up to n bytes, or the whole answer when it is shorter.
func (b *body) prefetch(n int, length int64) error {
	if n == 0 {
		return nil
	}
	room := min(n, 4<<10)
	if length >= 0 && length < int64(n) && b.codec.plain {
		// One more, to see the end without growing.
		n = int(length) + 1
		room = n
	}
	buf := make([]byte, 0, room)
	for len(buf) < n && b.end == nil {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		var m int
		m, b.end = b.next(buf[len(buf):min(cap(buf), n)])
		buf = buf[:len(buf)+m]
	}
	b.ahead = buf
	if b.end != nil && !complete(b.end) {
		return b.end
	}
	return nil
}

// complete tells the end of an answer from everything else. An io.EOF that is
// wrapped in another error is not the end: something broke off.
func complete(err error) bool {
	return err == io.EOF //nolint:errorlint // see above
}

// next reads from the source within the size limit.
func (b *body) next(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.src.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, fault.New(fault.CodeAnswerTooLarge, "Answer too large").
			WithDetail("the answer is larger than %d bytes", b.pool.cfg.MaxAnswerBytes).
			WithSuggestion("narrow the query or raise the step")
	}
	if err != nil && !complete(err) {
		err = fmt.Errorf("%w: %w", errBroken, err)
	}
	return n, err
}

// Read gives the body; any error but io.EOF is a fault.
func (b *body) Read(p []byte) (int, error) {
	if b.served < len(b.ahead) {
		n := copy(p, b.ahead[b.served:])
		b.served += n
		return n, nil
	}
	if b.end != nil {
		return 0, b.end
	}
	n, err := b.next(p)
	if err != nil && !complete(err) {
		err = b.pool.failure(b.ctx, err)
	}
	b.end = err
	return n, err
}

// Close frees the connection and what the call holds.
func (b *body) Close() error {
	b.once.Do(func() {
		b.raw.Close()
		b.codec.close()
		b.done()
		b.cut(nil)
		b.release()
	})
	return nil
}
