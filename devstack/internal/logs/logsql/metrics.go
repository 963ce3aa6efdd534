package logsql

import (
	"slices"
)

// Labels returns the fields that a statistics query groups by; all other
// fields of its answer are numbers. The error says why the query is none.
func (q *Query) Labels() ([]string, error) {
	at := q.stats()
	if at < 0 {
		return nil, errorf("missing `| stats ...` pipe in the query [%s]", q)
	}
	p := q.pipes[at].(*statsPipe)
	for _, after := range q.pipes[at+1:] {
		if !keepsLabels(after) {
			return nil, errorf("the %q pipe cannot be put after %q pipe in the query [%s]", after, p, q)
		}
	}
	labels := make([]string, len(p.by))
	for i, b := range p.by {
		labels[i] = b.name
	}
	return labels, nil
}

func (q *Query) stats() int {
	return slices.IndexFunc(q.pipes, func(p pipe) bool { _, ok := p.(*statsPipe); return ok })
}

func keepsLabels(p pipe) bool {
	switch p := p.(type) {
	case *sortPipe:
		return true
	case rowPipe:
		return p.inner != nil || p.adds
	}
	return false
}

// Every makes a statistics query one of steps of that many nanoseconds, counted
// from the epoch plus offset: _time becomes the last of its labels. Sorting and
// its limits work within each step.
func (q *Query) Every(step, offset int64) {
	at := q.stats()
	if at < 0 {
		return
	}
	p := q.pipes[at].(*statsPipe)
	p.by = append(slices.DeleteFunc(p.by, func(b bucket) bool { return b.name == fieldTime }), bucket{name: fieldTime, width: step, offset: offset})
	p.step = step
	for _, after := range q.pipes[at+1:] {
		if s, ok := after.(*sortPipe); ok && s.limit >= 0 {
			s.partition = append(s.partition, fieldTime)
		}
	}
}

// Floor is the start of the step of that width which ns lies in, steps being
// counted from the epoch plus offset; all in nanoseconds.
func Floor(ns, offset, width int64) int64 { return floor(ns, offset, width) }
