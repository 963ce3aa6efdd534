package relay

import (
	"context"
	"io"

	"github.com/platformbuilds/mirador-core/services/query/internal/splice"
)

// Copy relays the back end's body to the stream and returns what was learned
// of it. Before the first byte was sent its error is a fault for the caller;
// after that the caller's connection must be cut, which returning the error
// from the gRPC handler does. It does not close the body.
func (r *Relay) Copy(ctx context.Context, to Stream, body io.Reader, job Job) (splice.Facts, error) {
	if job.Tee == nil {
		job.Tee = noTee{}
	}
	c := &copier{job: job, to: to, buffers: r.take(job.Limits)}
	defer r.give(c.buffers)
	facts, err := c.run(ctx, body)
	if err != nil {
		job.Tee.Abandon()
	}
	return facts, err
}

// copier relays one answer.
type copier struct {
	job Job
	to  Stream
	*buffers
	sent int
	open bool
}

func (c *copier) run(ctx context.Context, body io.Reader) (splice.Facts, error) {
	c.out = append(c.out, `{"status":"success","data":`...)
	c.out = append(c.out, c.job.DataBegin...)
	if err := c.data(ctx, body); err != nil {
		return splice.Facts{}, err
	}
	facts := c.scanner.Facts()
	tail, err := c.job.Finish(ctx, facts)
	if err != nil {
		return facts, err
	}
	return facts, c.finish(facts, tail)
}

// data relays everything up to the end of the back end's body.
func (c *copier) data(ctx context.Context, body io.Reader) error {
	for {
		n, readErr := fill(body, c.in)
		data, err := c.scanner.Feed(c.in[:n])
		if err != nil {
			return c.fault(err)
		}
		if limit := c.job.MaxSeries; limit > 0 && c.scanner.Size() > limit {
			return c.tooMany(limit)
		}
		if readErr == io.EOF { //nolint:errorlint // io.Reader ends with EOF itself; a wrapped one is a fault
			c.out = append(c.out, data...)
			return c.closeScan()
		}
		if readErr != nil {
			return c.readFault(ctx, readErr)
		}
		if err := c.relay(data); err != nil {
			return err
		}
	}
}

func (c *copier) closeScan() error {
	if err := c.scanner.Close(); err != nil {
		return c.fault(err)
	}
	return nil
}

// relay holds data back until there is too much for a check of the whole, and
// sends it at once from then on.
func (c *copier) relay(data []byte) error {
	if !c.open && len(c.out)+len(data) <= checked {
		c.out = append(c.out, data...)
		return nil
	}
	if err := c.flush(); err != nil {
		return err
	}
	c.job.Tee.Write(data)
	return c.send(data)
}

// flush sends what was held back.
func (c *copier) flush() error {
	if !c.open {
		if err := c.header(-1); err != nil {
			return err
		}
	}
	if len(c.out) == 0 {
		return nil
	}
	c.job.Tee.Write(c.out)
	held := c.out
	c.out = c.out[:0]
	return c.send(held)
}

// fill reads until p is full or the reader has an error or ends.
func fill(r io.Reader, p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var m int
		m, err = r.Read(p[n:])
		n += m
	}
	return n, err
}
