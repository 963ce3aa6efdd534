package trace

// identity of a span within its trace. Zipkin's clients let the server's span
// share the id of the client's: these two are not doubles.
type identity struct {
	id, service string
	kind        Kind
}

// distinct copies the spans without doubles; the first one stays. A span
// without an id is nobody's double.
func distinct(spans []Span) []Span {
	seen := make(map[identity]struct{}, len(spans))
	kept := make([]Span, 0, len(spans))
	for _, s := range spans {
		key := identity{s.ID, s.Service, s.Kind}
		if _, double := seen[key]; double && s.ID != "" {
			continue
		}
		seen[key] = struct{}{}
		kept = append(kept, s)
	}
	return kept
}

// parents finds the parent of every span, or None. Of several spans that share
// an id the first client is the parent of the others, and the server is the
// parent of those that name the id.
func parents(spans []Span) []int {
	callers, owners := make(map[string]int, 8), make(map[string]int, len(spans))
	for i := range spans {
		s := &spans[i]
		if known, ok := owners[s.ID]; !ok {
			owners[s.ID] = i
		} else if spans[known].Kind == KindClient {
			callers[s.ID], owners[s.ID] = known, i
		} else if _, ok := callers[s.ID]; !ok && s.Kind == KindClient {
			callers[s.ID] = i
		}
	}
	found := make([]int, len(spans))
	for i := range spans {
		found[i] = None
		if caller, ok := callers[spans[i].ID]; ok && caller != i {
			found[i] = caller
		} else if owner, ok := owners[spans[i].Parent]; ok && spans[i].Parent != "" && owner != i {
			found[i] = owner
		}
	}
	return found
}

// cutCycles makes the earliest span of each cycle a root.
func cutCycles(spans []Span, parents []int) {
	// walk that saw a span first; 0 is none yet.
	walks := make([]int, len(spans))
	for begin := range spans {
		at := begin
		for at != None && walks[at] == 0 {
			walks[at] = begin + 1
			at = parents[at]
		}
		if at != None && walks[at] == begin+1 {
			parents[earliest(spans, parents, at)] = None
		}
	}
}

// earliest span of the cycle that the span lies on.
func earliest(spans []Span, parents []int, on int) int {
	found := on
	for at := parents[on]; at != on; at = parents[at] {
		if spans[at].Start < spans[found].Start {
			found = at
		}
	}
	return found
}
