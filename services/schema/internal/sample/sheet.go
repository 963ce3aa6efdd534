package sample

import (
	"fmt"

	"github.com/platformbuilds/mirador-core/services/schema/internal/bulk"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// sheet collects rows, no more than an upload may have.
type sheet struct {
	kind bulk.Kind
	most int
	rows int
	data []byte
	// left out for want of room, and because they cannot be defined.
	left, unfit int
}

func (s *sheet) add(e entry) {
	labels := make([]definition.Change, 0, len(e.labels))
	for _, l := range e.labels {
		if s.fits(l) {
			labels = append(labels, l)
		}
	}
	if !s.fits(e.own) {
		return
	}
	rows, data := max(1, len(labels)), bulk.Export(s.kind, e.own, labels)
	if s.left > 0 || s.rows+rows > bulk.MaxRows || len(s.data)+len(data) > s.most {
		s.left++
		return
	}
	s.rows, s.data = s.rows+rows, append(s.data, data...)
}

// fits tells whether an upload would take the definition: back ends know names
// that the rules do not allow.
func (s *sheet) fits(c definition.Change) bool {
	if len(definition.Check(c)) > 0 {
		s.unfit++
		return false
	}
	return true
}

func (s *sheet) warnings() (out []string) {
	if s.left > 0 {
		out = append(out, fmt.Sprintf("%d definitions are left out, an upload could not take them", s.left))
	}
	if s.unfit > 0 {
		out = append(out, fmt.Sprintf("%d names are left out, they cannot be defined", s.unfit))
	}
	return out
}
