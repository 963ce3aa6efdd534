// Package cachetest proves that a cache.Store keeps its promises. Every
// implementation passes the same suite. It also runs real servers for the
// tests of whoever uses a store.
package cachetest

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/libs/cache"
)

// Harness is one store under test.
type Harness struct {
	// Store under test; the harness closes it.
	Store cache.Store
	// Advance moves the store's clock; nil where only waiting helps.
	Advance func(time.Duration)
}

// long and short are times to live: one outlasts the test, one is waited for.
const (
	long  = time.Hour
	short = 100 * time.Millisecond
)

// Run runs the suite. newStore is called once for each part.
func Run(t *testing.T, newStore func(t *testing.T) Harness) {
	parts := []struct {
		name string
		run  func(t *testing.T, h Harness)
	}{
		{"values come back as they were", values},
		{"values end", valuesEnd},
		{"values that would never end are refused", endless},
		{"add and replace look before they write", conditions},
		{"delete takes keys of every slot", deletes},
		{"one of many gets a value that is removed", oneTime},
		{"one of many adds a value", oneAdds},
		{"take grants what is left", takes},
		{"take never grants more than the limit", takesRace},
		{"counters end", countersEnd},
		{"indexes list their members", indexes},
		{"members of an index end", membersEnd},
		{"a working store is healthy", healthy},
	}
	for _, part := range parts {
		t.Run(part.name, func(t *testing.T) { part.run(t, newStore(t)) })
	}
}

func values(t *testing.T, h Harness) {
	ctx := t.Context()
	for name, value := range map[string][]byte{
		"text": []byte("hello"), "empty": {}, "binary": {0, 0xff, '\r', '\n', 0xc3}, "large": bytes.Repeat([]byte("x"), 300_000),
	} {
		key := cache.Key("value", t.Name(), name)
		check(t, h.Store.Set(ctx, key, []byte("older"), long))
		check(t, h.Store.Set(ctx, key, value, long))
		want(t, h, key, value)
	}
	absent(t, h, cache.Key("value", t.Name(), "never"))
}

func valuesEnd(t *testing.T, h Harness) {
	key := cache.Key("ends", t.Name())
	check(t, h.Store.Set(t.Context(), key, []byte("x"), short))
	h.wait(short)
	Eventually(t, func() bool { _, found := get(t, h, key); return !found })
	added, err := h.Store.Add(t.Context(), key, []byte("y"), long)
	check(t, err)
	is(t, "added after the end", added, true)
}

func endless(t *testing.T, h Harness) {
	ctx, key := t.Context(), cache.Key("endless", t.Name())
	_, errAdd := h.Store.Add(ctx, key, nil, 0)
	_, errReplace := h.Store.Replace(ctx, key, nil, 0)
	_, errTake := h.Store.Take(ctx, key, 1, 1, 0)
	for i, err := range []error{h.Store.Set(ctx, key, nil, -1), errAdd, errReplace, errTake, h.Store.Note(ctx, key, "m", 0)} {
		if err == nil {
			t.Errorf("call %d was not refused", i)
		}
	}
	absent(t, h, key)
}

func conditions(t *testing.T, h Harness) {
	ctx, key := t.Context(), cache.Key("conditions", t.Name())
	steps := []struct {
		name string
		call func(context.Context, string, []byte, time.Duration) (bool, error)
		put  string
		done bool
	}{
		{"replace nothing", h.Store.Replace, "a", false},
		{"add", h.Store.Add, "b", true},
		{"add again", h.Store.Add, "c", false},
		{"replace", h.Store.Replace, "d", true},
	}
	for _, step := range steps {
		done, err := step.call(ctx, key, []byte(step.put), long)
		check(t, err)
		is(t, step.name, done, step.done)
	}
	want(t, h, key, []byte("d"))
}

func deletes(t *testing.T, h Harness) {
	ctx := t.Context()
	var keys []string
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		keys = append(keys, cache.Key("delete", t.Name(), name))
		check(t, h.Store.Set(ctx, keys[len(keys)-1], []byte(name), long))
	}
	check(t, h.Store.Delete(ctx, append(keys[:5:5], cache.Key("delete", "never"))...))
	for _, key := range keys[:5] {
		absent(t, h, key)
	}
	want(t, h, keys[5], []byte("f"))
}

func healthy(t *testing.T, h Harness) {
	is(t, "healthy", h.Store.Healthy(), true)
}
