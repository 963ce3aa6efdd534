package splice

// numberState is where in a number the scanner stands.
type numberState uint8

const (
	afterMinus numberState = iota
	afterZero
	inInteger
	afterDot
	inFraction
	afterE
	afterSign
	inExponent
)

func digit(c byte) bool { return c >= '0' && c <= '9' }

func (s *Scanner) openNumber(c byte, i int) int {
	switch {
	case c == '-':
		s.number = afterMinus
	case c == '0':
		s.number = afterZero
	case digit(c):
		s.number = inInteger
	default:
		return s.fail(i, "no value")
	}
	s.state = inNumber
	return i + 1
}

// scanNumber consumes a byte of a number. The byte behind a number shows its
// end and is left for the structure.
func (s *Scanner) scanNumber(p []byte, i int) int {
	next, ok := s.number.next(p[i])
	if ok {
		s.number = next
		return i + 1
	}
	switch s.number {
	case afterZero, inInteger, inFraction, inExponent:
		s.ends(i)
		return i
	}
	return s.fail(i, "bad number")
}

func (n numberState) next(c byte) (numberState, bool) {
	switch n {
	case afterMinus:
		if c == '0' {
			return afterZero, true
		}
		return inInteger, digit(c)
	case afterZero, inInteger:
		return n.behindInteger(c)
	case afterDot, inFraction:
		if n == inFraction && c|0x20 == 'e' {
			return afterE, true
		}
		return inFraction, digit(c)
	case afterE:
		if c == '+' || c == '-' {
			return afterSign, true
		}
	}
	return inExponent, digit(c)
}

func (n numberState) behindInteger(c byte) (numberState, bool) {
	switch {
	case c == '.':
		return afterDot, true
	case c|0x20 == 'e':
		return afterE, true
	}
	return inInteger, n == inInteger && digit(c)
}
