package row

import (
	"bytes"
	"encoding/json"
)

// maxDepth of a value that is not text.
const maxDepth = 64

// scanner reads JSON without building it.
type scanner struct {
	in  []byte
	pos int
}

func (s *scanner) blank() {
	for s.pos < len(s.in) && (s.in[s.pos] == ' ' || s.in[s.pos] == '\t' || s.in[s.pos] == '\r' || s.in[s.pos] == '\n') {
		s.pos++
	}
}

func (s *scanner) take(c byte) bool {
	if s.pos >= len(s.in) || s.in[s.pos] != c {
		return false
	}
	s.pos++
	return true
}

// text reads a string and gives it with its quotes.
func (s *scanner) text() ([]byte, bool) {
	begin := s.pos
	if !s.take('"') {
		return nil, false
	}
	for s.pos < len(s.in) {
		switch c := s.in[s.pos]; {
		case c == '"':
			s.pos++
			return s.in[begin:s.pos:s.pos], true
		case c == '\\':
			if !s.escape() {
				return nil, false
			}
		case c < ' ':
			return nil, false
		default:
			s.pos++
		}
	}
	return nil, false
}

// escape reads a backslash and what belongs to it.
func (s *scanner) escape() bool {
	if s.pos+1 >= len(s.in) {
		return false
	}
	c := s.in[s.pos+1]
	if c != 'u' {
		s.pos += 2
		return bytes.IndexByte([]byte(`"\/bfnrt`), c) >= 0
	}
	if s.pos+6 > len(s.in) {
		return false
	}
	for _, h := range s.in[s.pos+2 : s.pos+6] {
		if !hexadecimalDigit(h) {
			return false
		}
	}
	s.pos += 6
	return true
}

// value reads text, or anything else that encoding/json accepts.
func (s *scanner) value() ([]byte, bool) {
	if s.pos < len(s.in) && s.in[s.pos] == '"' {
		return s.text()
	}
	begin := s.pos
	if !s.skip() {
		return nil, false
	}
	raw := s.in[begin:s.pos:s.pos]
	return raw, json.Valid(raw)
}

// skip moves behind a value by its brackets.
func (s *scanner) skip() bool {
	depth, begin := 0, s.pos
	for s.pos < len(s.in) {
		switch c := s.in[s.pos]; c {
		case '"':
			if _, ok := s.text(); !ok {
				return false
			}
			continue
		case '{', '[':
			if depth++; depth > maxDepth {
				return false
			}
		case '}', ']':
			if depth == 0 {
				return s.pos > begin
			}
			depth--
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return s.pos > begin
			}
		}
		s.pos++
	}
	return depth == 0
}

func hexadecimalDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
