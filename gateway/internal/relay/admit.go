package relay

import "time"

const (
	// large bodies are not stored at first sight when room is short.
	large = 1 << 20
	// askedFor is how long it is remembered that a large body was asked for.
	askedFor = 10 * time.Minute
	// askedBytes bounds that memory.
	askedBytes = 256 << 10
)

// admitted tells whether a body that has grown to size may go on being
// collected. A flood of different large answers would push out everything and
// cost a copy each, for nothing; so when less than three quarters of the room
// are free, a large body is stored only when it is asked for again. Calls that
// went their own way leave a large body to the next one that leads.
func (t *tee) admitted(size int) bool {
	if size <= large || t.size > large {
		return true
	}
	r := t.relay
	if t.turn.Alone() {
		return false
	}
	if r.local.Bytes()+r.budget.Used() <= r.opts.MaxBytes/4 {
		return true
	}
	if _, again := r.asked.Get(t.tenant, t.id); again {
		return true
	}
	r.asked.Set(t.tenant, t.id, struct{}{}, 0, askedFor)
	return false
}
