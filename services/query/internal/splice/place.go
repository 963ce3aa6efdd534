package splice

import "fmt"

// place is the meaning of an open container.
type place uint8

const (
	inOther place = iota
	inTop
	inDataObject
	inDataArray
	inResult
	inSeries
	inMetric
	inPoints
)

// member is the name of a member that has a meaning where it stands.
type member uint8

const (
	keyNone member = iota
	keyStatus
	keyData
	keyForeign
	keyResultType
	keyResult
	keyMetric
	keyPoint
	keyPoints
	keyName
)

// childPlace is the meaning of a container that opens now.
func (s *Scanner) childPlace(object bool) place {
	if s.depth == 0 {
		return inTop
	}
	here := s.places[s.depth]
	switch {
	case here == inTop && s.key == keyData && object:
		return inDataObject
	case here == inTop && s.key == keyData:
		return inDataArray
	case here == inDataObject && s.key == keyResult && !object:
		return inResult
	case here == inResult && object:
		return inSeries
	case here == inSeries && s.key == keyMetric && object:
		return inMetric
	case here == inSeries && s.key == keyPoints && !object:
		return inPoints
	}
	return inOther
}

// begins counts a value that starts at i in the container here.
func (s *Scanner) begins(here place, i int) {
	switch here {
	case inTop:
		s.top.begin(s.key, i)
	case inDataArray:
		s.facts.Elements++
	case inResult:
		if s.p[i] == '{' {
			s.facts.Series++
		}
	case inSeries:
		if s.key == keyPoint {
			s.facts.Points++
		}
	case inPoints:
		s.facts.Points++
	}
}

// wantsKey tells whether the name of the next member matters.
func (s *Scanner) wantsKey() bool {
	switch s.places[s.depth] {
	case inTop, inDataObject, inSeries:
		return true
	case inMetric:
		return s.facts.Series <= s.limits.Series
	}
	return false
}

// wantsText tells whether the text of the string that begins now matters.
func (s *Scanner) wantsText() bool {
	switch s.places[s.depth] {
	case inTop:
		return s.key == keyStatus
	case inDataObject:
		return s.key == keyResultType
	case inMetric:
		return s.key == keyName
	}
	return false
}

func (s *Scanner) stringEnds(p []byte, i int) {
	text, ok := s.text.end(p, i)
	if s.inKey {
		s.inKey, s.state = false, wantColon
		s.keyEnds(text, ok, i)
		return
	}
	if ok {
		s.textEnds(text)
	}
	s.ends(i + 1)
}

// keyEnds gives the member that a name means here; ok is false for names that
// were not captured.
func (s *Scanner) keyEnds(name []byte, ok bool, i int) {
	s.key = keyNone
	switch s.places[s.depth] {
	case inTop:
		s.topKey(name, i)
	case inDataObject:
		s.facts.Elements++
		s.key = dataKey(name)
	case inSeries:
		s.key = seriesKey(name)
	case inMetric:
		if ok && string(name) == "__name__" {
			s.key = keyName
		} else if ok {
			s.sample.label(name)
		}
	}
}

func dataKey(name []byte) member {
	switch string(name) {
	case "resultType":
		return keyResultType
	case "result":
		return keyResult
	}
	return keyNone
}

func seriesKey(name []byte) member {
	switch string(name) {
	case "metric":
		return keyMetric
	case "value", "histogram":
		return keyPoint
	case "values", "histograms":
		return keyPoints
	}
	return keyNone
}

func (s *Scanner) textEnds(text []byte) {
	switch s.key {
	case keyStatus:
		s.status = string(text)
	case keyResultType:
		s.facts.ResultType = string(text)
	case keyName:
		s.sample.named(text)
	}
}

func (s *Scanner) twice(i int, name string) {
	s.fail(i, fmt.Sprintf("member %q twice", name))
}
