package trace

// Self is the time of a span in which none of its children ran, in
// microseconds: never negative, however much children overlap or outlast it.
func (t *Tree) Self(span int) int64 {
	s := &t.Spans[span]
	left, at := s.Duration, s.Start
	// Children are sorted by start, so what is covered grows to the right only.
	for _, c := range t.Children(span) {
		child := &t.Spans[c]
		from, to := max(child.Start, at), min(child.End(), s.End())
		if from < to {
			left -= to - from
			at = to
		}
	}
	return left
}
