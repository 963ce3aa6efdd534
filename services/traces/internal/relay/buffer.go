package relay

import "sync"

// bodies are buffers for what waits, used again by those that are large.
var bodies = sync.Pool{New: func() any { p := make([]byte, 0, held); return &p }}

// reserve makes room for need bytes: for more than a few at once for all that
// may wait.
func (b *Body) reserve(need int) {
	if need <= few || cap(b.waiting) == held {
		return
	}
	if whole, ok := bodies.Get().(*[]byte); ok {
		b.waiting = append(*whole, b.waiting...)
	}
}
