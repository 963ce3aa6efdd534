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
		return s.keyOrEnd(p, i)
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

func (s *Scanner) keyOrEnd(p []byte, i int) int {
	switch {
	case p[i] == '"':
		return s.openKey(p, i)
	case p[i] == '}' && s.state == wantKeyOrEnd:
		return s.pop(i)
	}
	return s.fail(i, "no name")
}

// openKey enters a name, or passes over members that mean nothing.
func (s *Scanner) openKey(p []byte, i int) int {
	if s.wantsKey() {
		s.text.start(i + 1)
	} else if next, last := pairs(p, i); last {
		s.state = wantComma
		return next
	} else {
		i = next
	}
	s.inKey, s.state = true, inString
	return i + 1
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
	if next := s.many(p, i); next > i {
		return next
	}
	if s.depth == 0 && p[i] != '{' {
		return s.fail(i, "not an object")
	}
	s.begins(s.places[s.depth], i)
	return s.open(p, i)
}

// many consumes a run of values of the same plain form where such runs are
// long, and returns i where there is none.
func (s *Scanner) many(p []byte, i int) int {
	here := s.places[s.depth]
	switch {
	case here == inPoints:
		n, count, last := points(p[i:])
		s.facts.Points += count
		return s.passed(i+n, n > 0, last)
	case here == inSeries && s.key == keyPoint:
		n := point(p[i:])
		if n > 0 {
			s.facts.Points++
		}
		return s.passed(i+n, n > 0, true)
	case here == inDataArray && p[i] == '"':
		next, count := texts(p, i)
		s.facts.Elements += count
		return s.passed(next, count > 0, false)
	}
	return i
}

// passed sets the state behind a run of values, if there were some; last says that the comma was
// not part of it.
func (s *Scanner) passed(next int, some, last bool) int {
	switch {
	case some && last:
		s.state = wantComma
	case some:
		s.state = wantValue
	}
	return next
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
