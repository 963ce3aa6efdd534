package relay

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"github.com/platformbuilds/mirador-core/services/traces/internal/splice"
)

// pieces are buffers for what the back end sends.
var pieces = sync.Pool{New: func() any { p := make([]byte, piece); return &p }}

// Elements writes the elements of "data" of a Jaeger answer, without the
// brackets, byte for byte, and counts them. A broken answer is splice.ErrBroken;
// one that fits into a whole body is checked to the letter before it leaves.
func (b *Body) Elements(source io.Reader) (count int, err error) {
	buffer, ok := pieces.Get().(*[]byte)
	if !ok {
		return 0, io.ErrShortBuffer
	}
	defer pieces.Put(buffer)
	var s splice.Scanner
	begin := len(b.waiting)
	for {
		n, readErr := source.Read(*buffer)
		data, err := s.Feed((*buffer)[:n])
		if err != nil {
			return s.Count(), err
		}
		if _, err := b.Write(data); err != nil {
			return s.Count(), err
		}
		if readErr == io.EOF {
			break
		}
		if readErr != nil {
			return s.Count(), readErr
		}
	}
	if err := s.Close(); err != nil {
		return s.Count(), err
	}
	return s.Count(), b.check(begin)
}

// check that what is still held is JSON.
func (b *Body) check(begin int) error {
	if b.opened {
		return nil
	}
	list := append(append([]byte{'['}, b.waiting[begin:]...), ']')
	if !json.Valid(list) {
		return fmt.Errorf("%w: no JSON", splice.ErrBroken)
	}
	return nil
}
