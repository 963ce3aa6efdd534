package splice

import (
	"encoding/binary"
	"math/bits"
)

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// special marks, in the high bits of the bytes of w, quotes, backslashes and
// control characters. Only the lowest mark is exact, which is the one used.
func special(w uint64) uint64 {
	quote := w ^ ones*'"'
	slash := w ^ ones*'\\'
	return ((quote-ones)&^quote | (slash-ones)&^slash | (w-ones*0x20)&^w) & highs
}

// plain returns the index of the first special byte at or after i, or len(p).
func plain(p []byte, i int) int {
	for ; i+8 <= len(p); i += 8 {
		if m := special(binary.LittleEndian.Uint64(p[i:])); m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
	}
	for ; i < len(p); i++ {
		if c := p[i]; c == '"' || c == '\\' || c < 0x20 {
			return i
		}
	}
	return i
}

func (s *Scanner) scanString(p []byte, i int) int {
	i = plain(p, i)
	if i == len(p) {
		return i
	}
	switch p[i] {
	case '"':
		s.stringEnds(p, i)
		return i + 1
	case '\\':
		s.text.escaped = true
		s.state = inEscape
		return i + 1
	}
	return s.fail(i, "control character in a string")
}

func (s *Scanner) scanEscape(p []byte, i int) int {
	switch p[i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.state = inString
	case 'u':
		s.state, s.hex = inHex, 4
	default:
		return s.fail(i, "unknown escape")
	}
	return i + 1
}

func (s *Scanner) scanHex(p []byte, i int) int {
	c := p[i] | 0x20
	if (p[i] < '0' || p[i] > '9') && (c < 'a' || c > 'f') {
		return s.fail(i, "bad \\u escape")
	}
	if s.hex--; s.hex == 0 {
		s.state = inString
	}
	return i + 1
}

func (s *Scanner) openLiteral(i int, word string) int {
	s.state, s.literal = inLiteral, word[1:]
	return i + 1
}

func (s *Scanner) scanLiteral(p []byte, i int) int {
	if p[i] != s.literal[0] {
		return s.fail(i, "unknown word")
	}
	if s.literal = s.literal[1:]; s.literal == "" {
		s.ends(i + 1)
	}
	return i + 1
}
