package resultcache

import (
	"context"
	"errors"
	"time"

	"github.com/platformbuilds/mirador-core/libs/cache"
)

// Lead is the duty to make one answer. Its methods are for one goroutine.
type Lead struct {
	cache           *Cache
	ctx             context.Context
	turn            *cache.Lead[answer]
	id, tenant, key string
	// name of the query for the memory of cheap ones. An answer that it calls
	// cheap is only measured: nobody waits for it and it is stored nowhere.
	name  string
	cheap bool
	began time.Time
	body  collector
	ended bool
}

// Caching is false when nothing will be stored, whatever happens; a cheap
// answer may still be stored by whoever asked.
func (l *Lead) Caching() bool { return !l.ended }

// Write adds the next bytes of the body. A body that is too large, or too
// large for what all calls may hold now, is not stored: then those who wait go
// their own way at once.
func (l *Lead) Write(p []byte) {
	if l.ended {
		return
	}
	if l.cheap {
		l.body.size += len(p)
		return
	}
	if l.body.size+len(p) > l.cache.opts.MaxEntry || !l.cache.budget.Take(len(p)) {
		l.end((*cache.Lead[answer]).Release)
		return
	}
	l.body.add(p)
	l.turn.Streams()
}

// Commit stores the body for ttl with its bytes [start, end) replaced by
// metadata; without metadata it is stored as it is. A ttl of 0 stores nothing.
func (l *Lead) Commit(start, end int, metadata []byte, ttl time.Duration) {
	if l.ended {
		return
	}
	if ttl <= 0 {
		l.Abandon()
		return
	}
	now := l.cache.opts.Now()
	l.cache.cheap.learn(l.tenant, l.name, l.cheap, now.Sub(l.began), l.body.size)
	if l.cheap {
		l.ended = true
		return
	}
	if metadata == nil || start >= end || end > l.body.size {
		start, end, metadata = 0, 0, nil
	}
	// Lives end up to a tenth early, so that what was stored together does not
	// have to be made again together.
	life := ttl - time.Duration(l.cache.opts.Jitter()*float64(ttl)/10)
	a := answer{tenant: l.tenant, key: l.key, body: l.body.replace(start, end, metadata), made: now, ends: now.Add(life)}
	held := l.body.size
	l.ended = true
	l.body.release()
	l.turn.Share(a)
	l.cache.save(l, a, func() { l.cache.budget.Give(held) })
}

// Abandon drops what was written. When the call was cancelled one of those who
// wait takes over; otherwise the answer is not for sharing, and each goes its
// own way.
func (l *Lead) Abandon() {
	if l.ended || l.cheap {
		l.ended = true
		return
	}
	if errors.Is(l.ctx.Err(), context.Canceled) {
		l.end((*cache.Lead[answer]).Pass)
		return
	}
	l.end((*cache.Lead[answer]).Release)
}

// Close abandons the lead unless it was committed.
func (l *Lead) Close() { l.Abandon() }

func (l *Lead) end(how func(*cache.Lead[answer])) {
	l.ended = true
	how(l.turn)
	l.turn.Close()
	l.cache.budget.Give(l.body.size)
	l.body.release()
}
