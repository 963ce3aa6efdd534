package edge

import (
	"bytes"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// flusher is what both compressors are.
type flusher interface {
	io.WriteCloser
	Flush() error
}

// coder compresses a stream chunk by chunk.
type coder struct {
	w     flusher
	out   bytes.Buffer
	back  func()
	begun bool
}

// stream returns a coder for one answer; release gives its parts back.
func (e *encoder) stream(name string) *coder {
	c := &coder{}
	if name == "zstd" {
		w, _ := e.zstds.Get().(*zstd.Encoder)
		w.Reset(&c.out)
		c.w, c.back = w, func() { w.Reset(nil); e.zstds.Put(w) }
		return c
	}
	w, _ := e.gzips.Get().(*gzip.Writer)
	w.Reset(&c.out)
	c.w, c.back = w, func() { e.gzips.Put(w) }
	return c
}

// next encodes what was read together with the error it was read with. The
// first chunk is flushed, so that the client sees something at once.
func (c *coder) next(chunk []byte, read error) ([]byte, error) {
	c.out.Reset()
	if len(chunk) > 0 {
		if _, err := c.w.Write(chunk); err != nil {
			return nil, err //nolint:wrapcheck // the stream adds the operation
		}
	}
	switch {
	case errors.Is(read, io.EOF):
		if err := c.w.Close(); err != nil {
			return nil, err //nolint:wrapcheck // as above
		}
	case read == nil && !c.begun:
		c.begun = true
		if err := c.w.Flush(); err != nil {
			return nil, err //nolint:wrapcheck // as above
		}
	}
	return c.out.Bytes(), read
}

func (c *coder) release() {
	c.back()
	c.w = nil
}
