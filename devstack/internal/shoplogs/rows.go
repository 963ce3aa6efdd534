package shoplogs

import (
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/journey"
)

// Rows visits every row with from <= time < to, nearly in order of time.
func Rows(traffic *journey.Traffic, from, to time.Time, visit func(*Row)) {
	traffic.Slots(from, to, func(v *journey.View) {
		n := narrator{view: v, row: Row{view: v}, visit: func(r *Row) {
			if !r.Time.Before(from) && r.Time.Before(to) && v.Keeps(r.Time) {
				visit(r)
			}
		}}
		n.background()
		v.Journeys(n.follow)
	})
}

// narrator makes the rows of one slot.
type narrator struct {
	view  *journey.View
	row   Row
	visit func(*Row)
}

func (n *narrator) follow(j *journey.Journey) {
	n.row.journey = j
	for i := range j.Calls {
		n.call(i)
	}
	n.row.journey = nil
}

// own makes the row one of the service that the call went to.
func (n *narrator) own(i int) *journey.Call {
	c := &n.row.journey.Calls[i]
	n.row.Service, n.row.Version, n.row.Instance, n.row.call, n.row.number = c.Service, c.Version, c.Instance, i, c.Number
	return c
}

func (n *narrator) emit(at time.Time, level string, tell func(*Row, *text)) {
	n.row.Time, n.row.Level, n.row.tell = at, level, tell
	n.visit(&n.row)
}
