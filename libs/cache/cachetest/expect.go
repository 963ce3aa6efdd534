package cachetest

import (
	"bytes"
	"slices"
	"testing"
	"time"
)

// wait moves the clock where the store has one of its own.
func (h Harness) wait(d time.Duration) {
	if h.Advance != nil {
		h.Advance(d)
	}
}

func get(t *testing.T, h Harness, key string) ([]byte, bool) {
	t.Helper()
	value, found, err := h.Store.Get(t.Context(), key)
	check(t, err)
	return value, found
}

func want(t *testing.T, h Harness, key string, value []byte) {
	t.Helper()
	if got, found := get(t, h, key); !found || !bytes.Equal(got, value) {
		t.Errorf("%s: found %v with %d bytes, want %d bytes", key, found, len(got), len(value))
	}
}

func absent(t *testing.T, h Harness, key string) {
	t.Helper()
	if got, found := get(t, h, key); found || len(got) > 0 {
		t.Errorf("%s: found %q, want nothing", key, got)
	}
}

func members(t *testing.T, h Harness, index string, names ...string) {
	t.Helper()
	got, err := h.Store.Noted(t.Context(), index)
	check(t, err)
	if !slices.Equal(got, names) {
		t.Errorf("members of %s: %q, want %q", index, got, names)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func is[V comparable](t *testing.T, what string, got, want V) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
