package edge

import (
	"fmt"
	"net"
	"sync/atomic"
	"time"
)

// lingerFor and lingerBytes bound how long a refused upload is read on.
const (
	lingerFor   = 2 * time.Second
	lingerBytes = 8 << 20
	// gatherBytes are collected of a streamed body before they are sent.
	gatherBytes = 64 << 10
)

// conn gives every flush its own deadline, gathers the small chunks that
// fasthttp makes of a stream, and closes so that a refusal arrives even when
// the client is still sending.
type conn struct {
	net.Conn
	release func()
	write   time.Duration
	gather  bool
	linger  atomic.Bool
	held    []byte

	// ahead holds the byte that a watch read; read counts it.
	ahead [1]byte
	read  int
}

// Write sends the bytes, or holds them back while a stream gathers.
func (c *conn) Write(b []byte) (int, error) {
	if !c.gather {
		return c.send(b)
	}
	c.held = append(c.held, b...)
	if len(c.held) >= gatherBytes {
		return len(b), c.flush()
	}
	return len(b), nil
}

func (c *conn) send(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.write)); err != nil {
		return 0, fmt.Errorf("set write deadline: %w", err)
	}
	return c.Conn.Write(b) //nolint:wrapcheck // fasthttp looks at this error
}

// flush sends what is held back.
func (c *conn) flush() error {
	if len(c.held) == 0 {
		return nil
	}
	_, err := c.send(c.held)
	c.held = c.held[:0]
	return err
}

// stop ends gathering and sends the rest.
func (c *conn) stop() error {
	c.gather = false
	err := c.flush()
	c.held = nil
	return err
}

// Close closes the connection, and first lets a client that is still sending
// read the answer: closing with unread input would reset the connection and
// destroy it.
func (c *conn) Close() error {
	defer c.release()
	if c.linger.CompareAndSwap(true, false) {
		c.drain()
	}
	return c.Conn.Close() //nolint:wrapcheck // fasthttp looks at this error
}

func (c *conn) drain() {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	_ = c.SetReadDeadline(time.Now().Add(lingerFor))
	buf := make([]byte, 16<<10)
	for left := lingerBytes; left > 0; {
		n, err := c.Read(buf)
		if left -= n; err != nil {
			return
		}
	}
}
