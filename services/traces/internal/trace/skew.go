package trace

// align puts clocks right where they are certainly wrong: a server's span
// begins after and, unless it is longer, ends before the client's span that
// called it from another service. It is shifted with all below it, as Jaeger's
// clock skew adjuster does (model/adjuster/clockskew.go of Jaeger 1.x): into
// the middle of the caller, the network being as slow in both directions; a
// span longer than its caller begins with it. Queues and work inside a service
// are left alone: there a child may well outlast its parent.
func (t *Tree) align() {
	shifts := make([]int64, len(t.Spans))
	for _, i := range t.Order {
		s, p := &t.Spans[i], t.Parents[i]
		if p == None {
			continue
		}
		parent := &t.Spans[p]
		if s.Kind != KindServer || parent.Kind != KindClient || s.Service == parent.Service {
			shifts[i] = shifts[p]
		} else {
			shifts[i] = skew(s, parent)
		}
		s.Start = min(max(0, s.Start+shifts[i]), maxStart)
	}
}

// skew is what must be added to the child's times.
func skew(child, parent *Span) int64 {
	switch {
	case child.Duration > parent.Duration && child.Start < parent.Start:
		return parent.Start - child.Start
	case child.Duration > parent.Duration && child.Start < parent.End():
		return 0
	case child.Start >= parent.Start && child.End() <= parent.End():
		return 0
	case child.Duration > parent.Duration:
		return parent.Start - child.Start
	}
	return parent.Start + (parent.Duration-child.Duration)/2 - child.Start
}
