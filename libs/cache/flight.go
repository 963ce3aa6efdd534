package cache

import (
	"context"
	"sync"
	"time"
)

// Flight lets calls with the same key share one value: the first leads and
// makes it, the others wait. A leader may stream its value to a slow reader,
// so the others wait only for a while once it has begun to.
type Flight[V any] struct {
	patience time.Duration
	mu       sync.Mutex
	turns    map[string]*turn[V]
}

// NewFlight returns a Flight whose followers wait as long as patience for a
// leader that streams, and as long as their context for one that does not.
func NewFlight[V any](patience time.Duration) *Flight[V] {
	return &Flight[V]{patience: patience, turns: map[string]*turn[V]{}}
}

// outcome of a turn, for those who wait.
type outcome uint8

const (
	shared outcome = iota
	alone
	again
)

// turn is one making of a value. What is behind done is set before it closes.
type turn[V any] struct {
	streams, done chan struct{}
	outcome       outcome
	value         V
}

// Lead is the duty to make a value; it belongs to one goroutine at a time.
// Exactly one of Share, Release and Pass has an effect, and Close must follow.
type Lead[V any] struct {
	flight   *Flight[V]
	key      string
	turn     *turn[V]
	streams  bool
	resolved bool
}

// Join returns the value that another call with the same key makes, or a lead:
// then this call has to make it. Some leads share with nobody: those of calls
// that go their own way. The error is that of ctx.
func (f *Flight[V]) Join(ctx context.Context, key string) (V, *Lead[V], error) {
	for {
		t, first := f.turn(key)
		if first {
			var none V
			return none, &Lead[V]{flight: f, key: key, turn: t}, nil
		}
		how, err := t.wait(ctx, f.patience)
		switch {
		case err != nil:
			var none V
			return none, nil, err
		case how == shared:
			return t.value, nil, nil
		case how == alone:
			var none V
			return none, &Lead[V]{resolved: true}, nil
		}
	}
}

func (f *Flight[V]) turn(key string) (t *turn[V], first bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if t, ok := f.turns[key]; ok {
		return t, false
	}
	t = &turn[V]{streams: make(chan struct{}), done: make(chan struct{})}
	f.turns[key] = t
	return t, true
}

func (t *turn[V]) wait(ctx context.Context, patience time.Duration) (outcome, error) {
	select {
	case <-t.done:
		return t.outcome, nil
	case <-ctx.Done():
		return again, ctx.Err()
	case <-t.streams:
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-t.done:
		return t.outcome, nil
	case <-ctx.Done():
		return again, ctx.Err()
	case <-timer.C:
		return alone, nil
	}
}

// Alone tells whether this lead shares with nobody.
func (l *Lead[V]) Alone() bool { return l.turn == nil }

// Streams tells that the value now flows at the speed of the leader's reader.
func (l *Lead[V]) Streams() {
	if l.turn != nil && !l.streams {
		l.streams = true
		close(l.turn.streams)
	}
}

// Share gives the value to all who wait and to all who come before Close.
func (l *Lead[V]) Share(value V) {
	if !l.resolved {
		l.turn.value = value
		l.resolve(shared)
	}
}

// Release lets all who wait go their own way, side by side: for values that
// cannot be shared.
func (l *Lead[V]) Release() {
	if !l.resolved {
		l.resolve(alone)
		l.leave()
	}
}

// Pass lets one of those who wait lead in this call's place: for a leader that
// was cancelled.
func (l *Lead[V]) Pass() {
	if !l.resolved {
		l.leave()
		l.resolve(again)
	}
}

// Close ends the lead; one without an outcome is released.
func (l *Lead[V]) Close() {
	l.Release()
	l.leave()
}

func (l *Lead[V]) resolve(how outcome) {
	l.resolved = true
	l.turn.outcome = how
	close(l.turn.done)
}

// leave makes room for the next turn.
func (l *Lead[V]) leave() {
	if l.turn == nil {
		return
	}
	l.flight.mu.Lock()
	defer l.flight.mu.Unlock()
	if l.flight.turns[l.key] == l.turn {
		delete(l.flight.turns, l.key)
	}
}
