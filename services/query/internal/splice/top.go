package splice

import "encoding/json"

// maxMembers bounds the members beside status and data that are kept.
const maxMembers = 16

// topMember is the top-level member in hand.
type topMember struct {
	kind                 member
	name                 string
	from                 int
	raw                  []byte
	tooLong              bool
	seenStatus, seenData bool
}

func (t *topMember) piece() { t.from = 0 }

func (t *topMember) begin(kind member, i int) {
	t.kind, t.from, t.raw, t.tooLong = kind, i, nil, false
}

// save keeps the bytes of a foreign member up to end.
func (t *topMember) save(p []byte, end, limit int) {
	if t.tooLong || len(t.raw)+end-t.from > limit {
		t.tooLong, t.raw = true, nil
		return
	}
	t.raw = append(t.raw, p[t.from:end]...)
}

// topKey notes which top-level member comes.
func (s *Scanner) topKey(name []byte, i int) {
	t := &s.top
	switch string(name) {
	case "status":
		if s.key = keyStatus; t.seenStatus {
			s.twice(i, "status")
		}
		t.seenStatus = true
	case "data":
		if s.key = keyData; t.seenData {
			s.twice(i, "data")
		}
		t.seenData = true
	default:
		s.key, t.name = keyForeign, string(name)
	}
}

// topEnds closes the top-level member whose value ends before end.
func (s *Scanner) topEnds(end int) {
	t := &s.top
	switch t.kind {
	case keyData:
		s.from, s.to = t.from, end
	case keyForeign:
		t.save(s.p, end, s.limits.MemberBytes)
		s.keep()
	}
	t.kind = keyNone
}

func (s *Scanner) keep() {
	t := &s.top
	if t.tooLong || len(s.facts.Members) == maxMembers {
		if len(s.facts.Dropped) < maxMembers {
			s.facts.Dropped = append(s.facts.Dropped, t.name)
		}
		return
	}
	s.facts.Members = append(s.facts.Members, Member{Name: t.name, Value: t.raw})
}

// statusError reads the back end's own error from the members that were kept.
func (s *Scanner) statusError() error {
	return &StatusError{Status: s.status, Type: s.memberText("errorType"), Message: s.memberText("error")}
}

func (s *Scanner) memberText(name string) string {
	var text string
	if raw := s.facts.Member(name); raw != nil && json.Unmarshal(raw, &text) != nil {
		return ""
	}
	return text
}
