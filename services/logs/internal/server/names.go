package server

import (
	"maps"
	"slices"

	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
)

// maxNames bounds the names of fields that an answer lists.
const maxNames = 10_000

// names collects the names of fields.
type names struct {
	list map[string]struct{}
	// last row's names: rows of one stream look alike.
	last []string
}

func newNames() *names { return &names{list: map[string]struct{}{}} }

func (n *names) add(r *row.Row) {
	fields := r.Fields()
	if n.same(fields) {
		return
	}
	n.last = n.last[:0]
	for _, f := range fields {
		n.last = append(n.last, f.Name)
		if len(n.list) < maxNames {
			n.list[f.Name] = struct{}{}
		}
	}
}

func (n *names) same(fields []row.Field) bool {
	if len(fields) != len(n.last) {
		return false
	}
	for i := range fields {
		if fields[i].Name != n.last[i] {
			return false
		}
	}
	return true
}

// appendJSON writes the names, sorted, as an array.
func (n *names) appendJSON(dst []byte) []byte { return appendNames(dst, n.list) }

func appendNames(dst []byte, list map[string]struct{}) []byte {
	dst = append(dst, '[')
	for i, name := range slices.Sorted(maps.Keys(list)) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = row.AppendString(dst, name)
	}
	return append(dst, ']')
}
