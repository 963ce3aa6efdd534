package resultcache

import "sync"

// pieceSize of the buffers that long bodies are collected in; most bodies that
// turn out too long come from streams, and their buffers serve again.
const pieceSize = 128 << 10

// collector gathers a body in pieces.
type collector struct {
	pool   *sync.Pool
	pieces []*[]byte
	size   int
}

func newPool() *sync.Pool {
	return &sync.Pool{New: func() any { b := make([]byte, 0, pieceSize); return &b }}
}

func (c *collector) add(p []byte) {
	c.size += len(p)
	for len(p) > 0 {
		last := c.last()
		n := min(len(p), cap(*last)-len(*last))
		*last = append(*last, p[:n]...)
		p = p[n:]
	}
}

// last piece with room in it.
func (c *collector) last() *[]byte {
	if n := len(c.pieces); n > 0 && len(*c.pieces[n-1]) < cap(*c.pieces[n-1]) {
		return c.pieces[n-1]
	}
	piece, ok := c.pool.Get().(*[]byte)
	if !ok {
		b := make([]byte, 0, pieceSize)
		piece = &b
	}
	c.pieces = append(c.pieces, piece)
	return piece
}

// replace joins the body with its bytes [start, end) replaced.
func (c *collector) replace(start, end int, by []byte) []byte {
	out, at := make([]byte, 0, c.size-(end-start)+len(by)), 0
	for _, piece := range c.pieces {
		p := *piece
		out = append(out, p[:clamp(start-at, len(p))]...)
		if at <= start && start < at+len(p) {
			out = append(out, by...)
		}
		out = append(out, p[clamp(end-at, len(p)):]...)
		at += len(p)
	}
	return out
}

func clamp(n, limit int) int { return max(0, min(n, limit)) }

// release gives the buffers back.
func (c *collector) release() {
	for _, piece := range c.pieces {
		*piece = (*piece)[:0]
		c.pool.Put(piece)
	}
	c.pieces, c.size = nil, 0
}
