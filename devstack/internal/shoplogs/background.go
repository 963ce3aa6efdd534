package shoplogs

import (
	"strconv"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/journey"
	"github.com/platformbuilds/mirador-core/devstack/internal/shop"
)

const (
	// chatter is the share of slots in which an instance writes a line about
	// itself.
	chatter = .25
	// noticed is the severity from which a service complains about itself.
	noticed = .15
)

// background tells what instances do besides answering: all of it at the very
// beginning of the slot, so that rows of different streams share their time.
func (n *narrator) background() {
	states := n.view.States()
	for i := range states {
		s := &states[i]
		for instance := range s.Service.Instances {
			n.begins(s, instance)
		}
		for _, instance := range s.Alive {
			n.idle(s, instance, uint64(i*16+instance))
		}
	}
}

// idle is one living instance for one slot.
func (n *narrator) idle(s *journey.State, instance int, key uint64) {
	n.row.Service, n.row.Version, n.row.Instance, n.row.state = s.Service, s.Version, instance, s
	chance := n.view.Fraction(key)
	n.row.number = uint64(n.view.Fraction(key+1<<16) * (1 << 53))
	if chance < chatter*n.share() {
		n.emit(n.view.Time, []string{Debug, Debug, Info}[n.row.number%3], routine(s.Service.Role))
	}
	if s.Strain.Severity > noticed && chance < s.Strain.Severity*n.share() {
		n.symptom(s, instance)
	}
}

// share is how much of the background this audience hears: demo all of it.
func (n *narrator) share() float64 { return min(1, 28*n.view.Audience().Share) }

func routine(role shop.Role) func(*Row, *text) {
	switch role {
	case shop.Database:
		return checkpoint
	case shop.Cache:
		return eviction
	default:
		return housekeeping
	}
}

func checkpoint(r *Row, t *text) {
	switch r.Level {
	case Info:
		t.say("checkpoint complete: wrote ", r.upTo(900, 1), " buffers in ", time.Duration(r.upTo(4000, 2))*time.Millisecond)
	default:
		busy := int(r.view.Connections(r.state))
		t.say("connections: ", busy, " of ", shop.Pool, " in use")
		t.set("connections", strconv.Itoa(busy))
	}
}

func eviction(r *Row, t *text) {
	t.say("evicted ", r.upTo(60, 1), " expired keys in ", time.Duration(r.upTo(900, 2))*time.Microsecond)
}

func housekeeping(r *Row, t *text) {
	switch {
	case r.Level == Info:
		t.say("health check answered in ", time.Duration(r.upTo(900, 2))*time.Microsecond)
	case r.number%2 == 0:
		t.say("garbage collection freed ", r.upTo(90, 1), " MiB in ", time.Duration(r.upTo(900, 2))*time.Microsecond)
	default:
		t.say("configuration revision ", r.upTo(40, 1), " is current")
	}
}

// begins tells the start of a process, and what ended the one before.
func (n *narrator) begins(s *journey.State, instance int) {
	at, ok := n.view.Began(s, instance)
	if !ok {
		return
	}
	n.row.Service, n.row.Version, n.row.Instance, n.row.state = s.Service, s.Version, instance, s
	if s.Strain.Cause == shop.MemoryLeak {
		n.emit(at, Error, killed)
	}
	n.emit(at, Info, begun)
}

func killed(r *Row, t *text) {
	t.say("previous process was killed: out of memory, limit ", int(r.Service.Limit)>>20, " MiB, exit code 137")
	t.set("error_type", "out_of_memory")
}

func begun(r *Row, t *text) { t.say(r.Service.Name, " ", r.Version, " started on ", r.host()) }
