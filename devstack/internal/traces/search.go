package traces

import (
	"strconv"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

func (q *search) keep(s *store.Stream) bool {
	return s.Label(serviceField) == q.service && (q.operation == "" || s.Label(nameField) == q.operation)
}

func (q *search) matches(f fields) bool {
	for name, value := range q.tags {
		if f.get(name) != value {
			return false
		}
	}
	if q.longer < 0 && q.shorter < 0 {
		return true
	}
	d, _ := strconv.ParseInt(f.get(durationField), 10, 64)
	return (q.longer < 0 || d > q.longer) && (q.shorter < 0 || d < q.shorter)
}

// find returns the ids of up to limit traces, that of the newest span first.
func (s *Server) find(t store.Tenant, q search) (ids []string) {
	if q.limit == 0 {
		return nil
	}
	seen := map[string]bool{}
	s.store.Scan(t, store.Range{Start: q.start, End: q.end, Newest: true, Keep: q.keep}, func(r *store.Row) bool {
		id := fields(r.Fields).get(traceField)
		if !seen[id] && q.matches(r.Fields) {
			seen[id] = true
			ids = append(ids, id)
		}
		return len(ids) < q.limit
	})
	return ids
}
