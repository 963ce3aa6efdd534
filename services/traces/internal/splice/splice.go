// Package splice finds the elements of "data" in a Jaeger answer while it
// streams by, so that traces pass on byte for byte, and counts them. It checks
// that the answer is whole: quotes, braces and brackets match to the end. What
// stands between them is not checked.
package splice

import "errors"

// ErrBroken is an answer that breaks off, or is not {"data":[...]},
// {"data":null} or a bare array.
var ErrBroken = errors.New("not a whole answer in Jaeger's shape")

const (
	// maxDepth of nesting; traces need seven.
	maxDepth = 256
	// maxKey is more than the longest name that is compared, in bytes.
	maxKey = 8
)

// Scanner looks at one answer. The zero value is ready.
type Scanner struct {
	// open brackets, the outermost first.
	open []byte
	// inText and escaped tell where in a text the scanner is.
	inText, escaped bool
	// key is the latest name in the outermost object; naming tells that it is
	// being read, value that its colon came.
	key           []byte
	naming, value bool
	// bare answers are an array.
	bare bool
	// data is open, at the depth level; seen is true from then on.
	data, seen bool
	level      int
	// count of elements; begun tells that there is one.
	count int
	begun bool
	ended bool
}

// Feed takes the next bytes of the answer and gives those between the brackets
// of the data; they are a part of p.
func (s *Scanner) Feed(p []byte) ([]byte, error) {
	begin, end := len(p), len(p)
	if s.data {
		begin = 0
	}
	for i := 0; i < len(p); i++ {
		if s.inText {
			i = s.text(p, i)
			continue
		}
		if s.data && len(s.open) > s.level {
			var err error
			if i, err = s.inside(p, i); err != nil {
				return nil, err
			}
			continue
		}
		before := s.data
		if err := s.step(p[i]); err != nil {
			return nil, err
		}
		switch {
		case !before && s.data:
			begin = i + 1
		case before && !s.data:
			end = i
		}
	}
	return p[begin:max(begin, end)], nil
}

// text passes over a text from p[i] on, and gives the index of its last byte
// that is in p. Of a name in the outermost object it keeps the beginning.
func (s *Scanner) text(p []byte, i int) int {
	end := s.skip(p, i)
	if s.naming {
		name := p[i:end]
		s.key = append(s.key, name[:min(len(name), maxKey-len(s.key))]...)
		s.naming = s.inText
	}
	return end
}

// Count of the elements of the data so far.
func (s *Scanner) Count() int { return s.count }

// Close ends the answer.
func (s *Scanner) Close() error {
	if !s.seen || !s.ended {
		return ErrBroken
	}
	return nil
}
