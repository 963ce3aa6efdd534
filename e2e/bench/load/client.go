// Package load is a closed-loop HTTP/1.1 client that drives several targets
// alternately in one run, so that the ratio between them is taken side by
// side on whatever else the machine does. It throws bodies away unparsed to
// keep its own share of a small machine low.
package load

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// requestTimeout ends a request that hangs; it then counts as an error.
const requestTimeout = 60 * time.Second

// client is one keep-alive connection.
type client struct {
	addr string
	conn net.Conn
	r    *bufio.Reader
}

// do sends one request and reads the whole answer. It returns the body's size
// and the time to the first byte of the answer.
func (c *client) do(head []byte, body []byte) (size int, first time.Duration, err error) {
	if err := c.connect(); err != nil {
		return 0, 0, err
	}
	start := time.Now()
	if err := c.conn.SetDeadline(start.Add(requestTimeout)); err != nil {
		return 0, 0, err
	}
	buffers := net.Buffers{head, body}
	if _, err := buffers.WriteTo(c.conn); err != nil {
		c.close()
		return 0, 0, err
	}
	status, length, err := c.readHead(&first, start)
	if err == nil {
		size, err = c.readBody(length)
	}
	if err == nil && status != 200 {
		err = fmt.Errorf("status %d", status)
	}
	if err != nil {
		c.close()
	}
	return size, first, err
}

func (c *client) connect() (err error) {
	if c.conn != nil {
		return nil
	}
	c.conn, err = net.DialTimeout("tcp", c.addr, 5*time.Second)
	if err == nil {
		c.r = bufio.NewReaderSize(c.conn, 256<<10)
	}
	return err
}

func (c *client) close() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}

// chunked stands for a body without a length.
const chunked = -1

func (c *client) readHead(first *time.Duration, start time.Time) (status, length int, err error) {
	line, err := c.r.ReadSlice('\n')
	*first = time.Since(start)
	if err != nil {
		return 0, 0, err
	}
	if len(line) < 12 {
		return 0, 0, errors.New("short status line")
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, 0, err
	}
	length = chunked
	for {
		line, err = c.r.ReadSlice('\n')
		if err != nil {
			return 0, 0, err
		}
		if line = bytes.TrimRight(line, "\r\n"); len(line) == 0 {
			return status, length, nil
		}
		if name, value, ok := bytes.Cut(line, []byte(":")); ok && bytes.EqualFold(name, []byte("Content-Length")) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, 0, err
			}
		}
	}
}

func (c *client) readBody(length int) (int, error) {
	if length != chunked {
		return c.r.Discard(length)
	}
	total := 0
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return total, err
		}
		n, err := strconv.ParseInt(string(bytes.TrimRight(line, "\r\n")), 16, 64)
		if err != nil {
			return total, fmt.Errorf("chunk size: %w", err)
		}
		if _, err := io.CopyN(io.Discard, c.r, n+2); err != nil {
			return total, err
		}
		if total += int(n); n == 0 {
			return total, nil
		}
	}
}
