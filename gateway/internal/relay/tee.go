package relay

import (
	"context"
	"errors"

	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/cache"
)

// tee collects a body while it passes. A nil tee collects nothing.
type tee struct {
	relay           *Relay
	ctx             context.Context
	turn            *cache.Lead[*stored]
	tenant, id, key string
	heed            bool

	pieces [][]byte
	size   int
	ended  bool
}

// add keeps the piece, which nobody may change afterwards. A body that is too
// large, or too large for what all calls may hold now, is dropped: then those
// who wait go their own way at once.
func (t *tee) add(p []byte) {
	if t == nil || t.ended {
		return
	}
	fits := t.size+len(p) <= t.relay.opts.MaxEntry && t.admitted(t.size+len(p)) && t.relay.budget.Take(len(p))
	if !fits {
		t.end((*cache.Lead[*stored]).Release)
		return
	}
	t.pieces = append(t.pieces, p)
	t.size += len(p)
}

// streams tells those who wait that the client's speed now matters.
func (t *tee) streams() {
	if t != nil && !t.ended {
		t.turn.Streams()
	}
}

// heeds ends the tee of an answer that the service says will not be stored, and
// tells whether it did.
func (t *tee) heeds(word string) bool {
	if t == nil || t.ended || !t.heed || word != "bypass" {
		return false
	}
	t.end((*cache.Lead[*stored]).Release)
	return true
}

// commit stores the complete body as the trailer says, in the name of a.
func (t *tee) commit(a *Answer, trailer metadata.MD) {
	if t == nil || t.ended {
		return
	}
	l := readLeave(trailer, t.size)
	if longest := t.relay.opts.MaxTTL(); longest > 0 {
		l.ttl = min(l.ttl, longest)
	}
	if l.ttl <= 0 || a.special() || !t.relay.opts.Healthy() {
		t.end((*cache.Lead[*stored]).Release)
		return
	}
	s := newStored(l, t.pieces, t.size)
	s.tenant, s.key, s.contentType, s.epoch = t.tenant, t.key, a.ContentType, a.Epoch
	result := "error"
	if t.relay.local.Set(t.tenant, t.id, s, int64(s.size+len(s.key)), l.ttl) {
		result, a.TTL = "success", l.ttl
	}
	t.relay.opts.Observe("set", result, 0)
	t.end(func(turn *cache.Lead[*stored]) { turn.Share(s) })
}

// abandon drops what was collected. When the call was cancelled, one of those
// who wait takes over; otherwise each goes its own way.
func (t *tee) abandon(cancelled bool) {
	if t == nil || t.ended {
		return
	}
	if cancelled || errors.Is(t.ctx.Err(), context.Canceled) {
		t.end((*cache.Lead[*stored]).Pass)
		return
	}
	t.end((*cache.Lead[*stored]).Release)
}

func (t *tee) end(how func(*cache.Lead[*stored])) {
	t.ended = true
	how(t.turn)
	t.turn.Close()
	t.relay.budget.Give(t.size)
	t.pieces, t.size = nil, 0
}
