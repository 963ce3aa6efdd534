package splice

func space(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// structure consumes a byte outside of strings, numbers and literals, or many
// samples at once.
func (s *Scanner) structure(p []byte, i int) int {
	c := p[i]
	if space(c) {
		return i + 1
	}
	switch s.state {
	case wantValue, wantValueOrEnd:
		if c == ']' && s.state == wantValueOrEnd {
			return s.pop(i)
		}
		return s.value(p, i)
	case wantKey, wantKeyOrEnd:
		return s.keyOrEnd(c, i)
	case wantColon:
		if c != ':' {
			return s.fail(i, "no colon after a name")
		}
		s.state = wantValue
		return i + 1
	case wantComma:
		return s.commaOrEnd(c, i)
	}
	return s.fail(i, "bytes after the end")
}

func (s *Scanner) keyOrEnd(c byte, i int) int {
	switch {
	case c == '"':
		s.inKey, s.state = true, inString
		if s.wantsKey() {
			s.text.start(i + 1)
		}
		return i + 1
	case c == '}' && s.state == wantKeyOrEnd:
		return s.pop(i)
	}
	return s.fail(i, "no name")
}

func (s *Scanner) commaOrEnd(c byte, i int) int {
	object := s.inObject()
	switch {
	case c == ',' && object:
		s.state = wantKey
		return i + 1
	case c == ',':
		s.state = wantValue
		return i + 1
	case c == '}' && object, c == ']' && !object:
		return s.pop(i)
	}
	return s.fail(i, "no comma")
}

// value begins a value, or consumes many samples at once where they stand.
func (s *Scanner) value(p []byte, i int) int {
	here := s.places[s.depth]
	if here == inPoints {
		if n, count, last := points(p[i:]); n > 0 {
			s.facts.Points += count
			s.state = wantValue
			if last {
				s.state = wantComma
			}
			return i + n
		}
	}
	if s.depth == 0 && p[i] != '{' {
		return s.fail(i, "not an object")
	}
	s.begins(here, i)
	return s.open(p, i)
}

// open enters the value that starts at i.
func (s *Scanner) open(p []byte, i int) int {
	switch c := p[i]; c {
	case '{':
		return s.push(i, true)
	case '[':
		return s.push(i, false)
	case '"':
		s.state = inString
		if s.wantsText() {
			s.text.start(i + 1)
		}
		return i + 1
	case 't':
		return s.openLiteral(i, "true")
	case 'f':
		return s.openLiteral(i, "false")
	case 'n':
		return s.openLiteral(i, "null")
	default:
		return s.openNumber(c, i)
	}
}

func (s *Scanner) inObject() bool { return s.objects>>(s.depth-1)&1 == 1 }

func (s *Scanner) push(i int, object bool) int {
	if s.depth == maxDepth {
		return s.fail(i, "nested too deeply")
	}
	child := s.childPlace(object)
	s.depth++
	s.places[s.depth] = child
	s.objects &^= 1 << (s.depth - 1)
	s.state = wantValueOrEnd
	if object {
		s.objects |= 1 << (s.depth - 1)
		s.state = wantKeyOrEnd
	}
	return i + 1
}

func (s *Scanner) pop(i int) int {
	if s.places[s.depth] == inMetric {
		s.sample.commit()
	}
	s.depth--
	s.ends(i + 1)
	return i + 1
}

// ends is called with the index behind a complete value.
func (s *Scanner) ends(end int) {
	s.state = wantComma
	switch s.depth {
	case 0:
		s.state = done
	case 1:
		s.topEnds(end)
	}
}
