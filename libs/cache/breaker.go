package cache

import "sync/atomic"

// tripAfter is how many operations in a row must fail before the rest fail
// without being tried.
const tripAfter = 3

type state int32

const (
	stateNew state = iota
	stateHere
	stateAway
)

// breaker remembers whether the server can be reached, so that callers do not
// wait a deadline each for one that cannot. Only a probe closes it again.
type breaker struct {
	state    atomic.Int32
	failures atomic.Int32
}

func (b *breaker) open() bool { return state(b.state.Load()) == stateAway }

// set records what a probe found and returns the state before.
func (b *breaker) set(here bool) state {
	b.failures.Store(0)
	if here {
		return state(b.state.Swap(int32(stateHere)))
	}
	return state(b.state.Swap(int32(stateAway)))
}

// succeeded and failed record one operation; failed tells whether it opened
// the breaker.
func (b *breaker) succeeded() {
	if b.failures.Load() != 0 {
		b.failures.Store(0)
	}
}

func (b *breaker) failed() (opened bool) {
	if b.failures.Add(1) < tripAfter {
		return false
	}
	return state(b.state.Swap(int32(stateAway))) != stateAway
}
