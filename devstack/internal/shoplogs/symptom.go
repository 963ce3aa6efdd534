package shoplogs

import (
	"strconv"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/journey"
	"github.com/platformbuilds/mirador-core/devstack/internal/shop"
)

// symptom is how a struck service complains about itself, besides failing.
func (n *narrator) symptom(s *journey.State, instance int) {
	switch {
	case s.Strain.Cause == shop.DatabaseLatency:
		n.emit(n.view.Time, Warn, locked)
	case s.Strain.Cause == shop.MemoryLeak && instance == 0:
		n.emit(n.view.Time, Warn, tight)
	case s.Strain.Cause == shop.BadDeploy:
		n.emit(n.view.Time, Warn, deprecated)
	case s.Strain.Cause == shop.QueueBackup:
		n.emit(n.view.Time, Warn, backedUp)
	case s.Strain.Cause == shop.CPUSaturation:
		n.emit(n.view.Time, Warn, saturated)
	}
}

func locked(r *Row, t *text) {
	t.say("lock contention: ", 3+r.upTo(30, 1), " sessions wait, the oldest for ", time.Duration(r.upTo(4000, 2))*time.Millisecond)
	t.set("connections", strconv.Itoa(int(r.view.Connections(r.state))))
}

func tight(r *Row, t *text) {
	used := int(r.view.Vitals(r.state, r.Instance).Memory) >> 20
	t.say("heap is tight: ", used, " of ", int(r.Service.Limit)>>20, " MiB used, collection took ", time.Duration(r.upTo(900, 2))*time.Millisecond)
	t.set("memory_mib", strconv.Itoa(used))
}

func deprecated(r *Row, t *text) {
	t.say("field billing_address missing in ", r.upTo(40, 1), " requests since start of ", r.Version)
}

func backedUp(r *Row, t *text) {
	t.say("queue ", r.Service.Name, " has ", int(r.state.Backlog), " messages waiting, consumers are throttled")
	t.set("queue", r.Service.Name)
	t.set("backlog", strconv.Itoa(int(r.state.Backlog)))
}

func saturated(r *Row, t *text) {
	busy := int(100 * r.view.Vitals(r.state, r.Instance).CPU)
	t.say("workers saturated: cpu at ", busy, " percent, ", r.upTo(90, 1), " requests wait")
	t.set("cpu_percent", strconv.Itoa(busy))
}
