package splice

import "fmt"

// maxDepth of containers in one answer; the back end's own need eight.
const maxDepth = 64

// state of the grammar: what may come next.
type state uint8

const (
	wantValue state = iota
	wantValueOrEnd
	wantKey
	wantKeyOrEnd
	wantColon
	wantComma
	inString
	inEscape
	inHex
	inNumber
	inLiteral
	done
)

// Scanner reads one answer in pieces of any size. It is not safe for
// concurrent use; Reset makes it ready for the next answer.
type Scanner struct {
	limits Limits
	facts  Facts
	err    error
	bytes  int64

	state   state
	depth   int
	objects uint64
	places  [maxDepth + 1]place
	key     member
	inKey   bool
	hex     int
	number  numberState
	literal string

	text   capture
	status string
	top    topMember
	sample sample

	// p is the piece in hand; from and to bound the part of it that is data.
	p        []byte
	from, to int
}

// New returns a scanner at the start of an answer.
func New(limits Limits) *Scanner {
	s := &Scanner{}
	s.Reset(limits)
	return s
}

// Reset forgets the answer and keeps the buffers. Facts of the old answer
// stay valid.
func (s *Scanner) Reset(limits Limits) {
	limits = limits.withDefaults()
	text, sample := s.text, s.sample
	text.reset()
	sample.reset(limits)
	*s = Scanner{limits: limits, text: text, sample: sample}
}

// Feed scans the next piece and returns the part of it that belongs to data,
// which may be empty. The part aliases p. After an error every call fails.
func (s *Scanner) Feed(p []byte) ([]byte, error) {
	if s.err != nil {
		return nil, s.err
	}
	s.p, s.from, s.to = p, 0, 0
	s.text.piece()
	s.top.piece()
	for i := 0; i < len(p) && s.err == nil; {
		i = s.step(p, i)
	}
	s.bytes += int64(len(p))
	s.pieceEnds(p)
	s.p = nil
	if s.err != nil {
		return nil, s.err
	}
	return p[s.from:s.to], nil
}

// pieceEnds saves what the next piece will continue.
func (s *Scanner) pieceEnds(p []byte) {
	s.text.save(p)
	switch s.top.kind {
	case keyData:
		s.from, s.to = s.top.from, len(p)
	case keyForeign:
		s.top.save(p, len(p), s.limits.MemberBytes)
	}
}

// step consumes one token, or as much of it as the piece holds.
func (s *Scanner) step(p []byte, i int) int {
	switch s.state {
	case inString:
		return s.scanString(p, i)
	case inNumber:
		return s.scanNumber(p, i)
	case inLiteral:
		return s.scanLiteral(p, i)
	case inEscape:
		return s.scanEscape(p, i)
	case inHex:
		return s.scanHex(p, i)
	}
	return s.structure(p, i)
}

// Close checks that the answer is complete and a success. Its error wraps
// ErrTruncated or ErrMalformed, or is a *StatusError.
func (s *Scanner) Close() error {
	switch {
	case s.err != nil:
		return s.err
	case s.state != done:
		s.err = fmt.Errorf("%w after %d bytes", ErrTruncated, s.bytes)
	case s.status == "":
		s.err = fmt.Errorf("%w: no status", ErrMalformed)
	case s.status != "success":
		s.err = s.statusError()
	case !s.top.seenData:
		s.err = fmt.Errorf("%w: no data", ErrMalformed)
	}
	return s.err
}

// Facts returns what was learned so far. It shares no memory that a later
// Reset changes.
func (s *Scanner) Facts() Facts {
	f := s.facts
	if f.ResultType == "scalar" || f.ResultType == "string" {
		f.Series, f.Points = 1, 1
	}
	f.Sample = s.sample.metrics
	return f
}

// Size is the number of series, or of elements of a listing, seen so far.
func (s *Scanner) Size() int { return max(s.facts.Series, s.facts.Elements) }

func (s *Scanner) fail(i int, what string) int {
	s.err = fmt.Errorf("%w: %s at byte %d", ErrMalformed, what, s.bytes+int64(i))
	return i
}
