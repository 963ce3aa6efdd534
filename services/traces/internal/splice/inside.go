package splice

// kinds of bytes that matter inside an element.
const (
	plain = iota
	mark
	opening
	closing
)

// kindOf bytes, for a loop without comparisons: nearly all of an answer is
// inside of elements.
var kindOf = [256]uint8{'"': mark, '{': opening, '[': opening, '}': closing, ']': closing}

// inside passes over what lies in an element of the data, from p[i] on, and
// gives the index of the byte that ends the element, or the length of p.
func (s *Scanner) inside(p []byte, i int) (int, error) {
	for ; i < len(p); i++ {
		switch kindOf[p[i]] {
		case mark:
			s.inText = true
			if i = s.skip(p, i+1); s.inText {
				return i, nil
			}
		case opening:
			if len(s.open) == maxDepth {
				return i, ErrBroken
			}
			s.open = append(s.open, p[i])
		case closing:
			last := len(s.open) - 1
			// In ASCII a closing brace or bracket is the opening one and 2.
			if s.open[last]+2 != p[i] {
				return i, ErrBroken
			}
			if s.open = s.open[:last]; last == s.level {
				return i, nil
			}
		}
	}
	return i, nil
}

// skip passes over a text from p[i] on, and gives the index of its last byte
// in p. The text may go on: then inText stays.
func (s *Scanner) skip(p []byte, i int) int {
	for ; i < len(p); i++ {
		switch {
		case s.escaped:
			s.escaped = false
		case p[i] == '"':
			s.inText = false
			return i
		case p[i] == '\\':
			s.escaped = true
		}
	}
	return i
}
