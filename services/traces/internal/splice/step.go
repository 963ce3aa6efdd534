package splice

import "bytes"

// step takes one byte outside of texts.
func (s *Scanner) step(c byte) error {
	depth := len(s.open)
	switch {
	case c == ' ' || c == '\n' || c == '\t' || c == '\r':
		return nil
	case depth == 0:
		return s.first(c)
	case s.data && depth == s.level:
		s.element(c)
	}
	switch c {
	case '{', '[', '"':
		return s.begin(c)
	case '}', ']':
		return s.end(c)
	case ':', ',':
		if depth == 1 && !s.bare {
			s.value = c == ':'
		}
	default:
		return s.literal(c)
	}
	return nil
}

// first takes the first byte of the answer, and refuses whatever comes behind
// the last.
func (s *Scanner) first(c byte) error {
	if s.ended || c != '{' && c != '[' {
		return ErrBroken
	}
	s.open = append(s.open, c)
	if s.bare = c == '['; s.bare {
		s.data, s.seen, s.level = true, true, 1
	}
	return nil
}

// element counts what stands in the data itself.
func (s *Scanner) element(c byte) {
	switch {
	case c == ',':
		s.count++
	case c != ']' && !s.begun:
		s.begun = true
		s.count++
	}
}

// ours tells that a value of "data" begins or goes on.
func (s *Scanner) ours() bool {
	return len(s.open) == 1 && !s.bare && s.value && string(s.key) == "data"
}

func (s *Scanner) begin(c byte) error {
	ours := s.ours()
	switch {
	case ours && (c != '[' || s.seen), c != '"' && len(s.open) == maxDepth:
		return ErrBroken
	case c == '"':
		s.inText = true
		if len(s.open) == 1 && !s.bare && !s.value {
			s.naming, s.key = true, s.key[:0]
		}
		return nil
	}
	s.open = append(s.open, c)
	if ours {
		s.data, s.seen, s.level = true, true, len(s.open)
	}
	return nil
}

func (s *Scanner) end(c byte) error {
	depth := len(s.open)
	if opened := s.open[depth-1]; opened == '{' && c != '}' || opened == '[' && c != ']' {
		return ErrBroken
	}
	if s.data && depth == s.level {
		s.data = false
	}
	s.open = s.open[:depth-1]
	s.ended = depth == 1
	return nil
}

// literal takes a byte of a number or a word. As data only null will do: no
// list at all.
func (s *Scanner) literal(c byte) error {
	if !s.ours() {
		return nil
	}
	if s.begun || bytes.IndexByte([]byte("nul"), c) < 0 {
		return ErrBroken
	}
	s.seen = true
	return nil
}
