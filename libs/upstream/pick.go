package upstream

import (
	"slices"
	"time"
)

// pick chooses an endpoint that was not tried yet: among the fit ones that
// with the fewest calls in flight, by turns when several have as few; else an
// ailing one; else a dead one whose rest is over. nil means that there is none.
func (p *Pool) pick(tried []*endpoint, prefer string) *endpoint {
	list := *p.endpoints.Load()
	if len(list) == 0 {
		return nil
	}
	if prefer != "" && len(tried) == 0 {
		if e := find(list, prefer); e != nil && e.is() == fit {
			return e
		}
	}
	turn := int(p.turn.Add(1) % uint64(len(list)))
	for _, c := range [...]condition{fit, ailing} {
		if e := idlest(list, turn, c, tried); e != nil {
			return e
		}
	}
	return rested(list, turn, tried)
}

func find(list []*endpoint, key string) *endpoint {
	for _, e := range list {
		if e.key == key {
			return e
		}
	}
	return nil
}

func idlest(list []*endpoint, turn int, c condition, tried []*endpoint) *endpoint {
	var best *endpoint
	var fewest int64
	for i := range list {
		e := list[(turn+i)%len(list)]
		if e.is() != c || slices.Contains(tried, e) {
			continue
		}
		if n := e.inflight.Load(); best == nil || n < fewest {
			best, fewest = e, n
		}
	}
	return best
}

// rested gives a dead endpoint to one caller at the end of its rest: should
// nobody probe it, it comes back nevertheless.
func rested(list []*endpoint, turn int, tried []*endpoint) *endpoint {
	now := time.Now()
	for i := range list {
		e := list[(turn+i)%len(list)]
		if e.is() == dead && !slices.Contains(tried, e) && e.claim(now) {
			return e
		}
	}
	return nil
}
