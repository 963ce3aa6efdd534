package edge

import (
	"errors"
	"os"
	"sync/atomic"
	"time"
)

// watch calls gone when the client leaves before the answer is done. Without it
// a client's absence shows only when something is written.
func (x *exchange) watch(gone func()) {
	if c, ok := x.req.Conn().(*conn); ok {
		x.unwatch = c.watch(gone)
	}
}

// watch calls gone once when the peer closes the connection. It reads one byte
// ahead, which is kept for the next request. The returned function ends the
// watch and must be called before anybody reads again.
func (c *conn) watch(gone func()) (stop func()) {
	var stopped atomic.Bool
	done := make(chan struct{})
	_ = c.SetReadDeadline(time.Time{})
	go func() {
		defer close(done)
		n, err := c.Conn.Read(c.ahead[:])
		switch {
		case n > 0:
			c.read = n
		case stopped.Load() && errors.Is(err, os.ErrDeadlineExceeded):
		case err != nil:
			gone()
		}
	}()
	return func() {
		stopped.Store(true)
		_ = c.SetReadDeadline(time.Unix(1, 0))
		<-done
		_ = c.SetReadDeadline(time.Time{})
	}
}

// Read gives the byte that a watch has read ahead, if any, before the rest.
func (c *conn) Read(b []byte) (int, error) {
	if c.read > 0 && len(b) > 0 {
		c.read = 0
		b[0] = c.ahead[0]
		return 1, nil
	}
	return c.Conn.Read(b) //nolint:wrapcheck // fasthttp looks at this error
}
