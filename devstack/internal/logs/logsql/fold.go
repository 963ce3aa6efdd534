package logsql

// fold makes the query's pipes fewer, as the real server does: filters at the
// beginning belong to the filter, and a sort does the limit that follows it.
func (q *Query) fold() {
	for len(q.pipes) > 0 {
		p, ok := q.pipes[0].(rowPipe)
		if !ok || p.inner == nil {
			break
		}
		q.filter = allOf([]filter{q.filter, p.inner})
		q.text += " " + p.text
		q.pipes = q.pipes[1:]
	}
	for i := 0; i+1 < len(q.pipes); {
		s, isSort := q.pipes[i].(*sortPipe)
		cut, isCut := q.pipes[i+1].(*cutPipe)
		if !isSort || !isCut || s.limit >= 0 || len(s.partition) > 0 || s.skip > 0 && cut.skip > 0 {
			i++
			continue
		}
		s.limit, s.skip = cut.limit, s.skip+cut.skip
		s.text += " | " + cut.text
		q.pipes = append(q.pipes[:i+1:i+1], q.pipes[i+2:]...)
	}
}

// OnlyFilter drops the pipes, for endpoints that count all that matches.
func (q *Query) OnlyFilter() { q.pipes = nil }
