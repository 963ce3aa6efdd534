package cache

import (
	"strconv"
	"testing"
	"time"
)

func TestMemoryIsBounded(t *testing.T) {
	m := NewMemory(time.Now)
	m.limit = 50
	for i := range 500 {
		name := strconv.Itoa(i)
		if err := m.Set(t.Context(), name, nil, time.Hour); err != nil {
			t.Fatal(err)
		}
		if _, err := m.Take(t.Context(), "c"+name, 1, 1, time.Hour); err != nil {
			t.Fatal(err)
		}
		if err := m.Note(t.Context(), name, "m", time.Hour); err != nil {
			t.Fatal(err)
		}
		if _, found, _ := m.Get(t.Context(), name); !found && i < 25 {
			t.Errorf("%s was dropped before the bound", name)
		}
	}
	if len(m.entries) != 50 || len(m.indexes) != 50 {
		t.Errorf("%d entries and %d indexes, want 50 each", len(m.entries), len(m.indexes))
	}
}

func TestIndexIsBounded(t *testing.T) {
	m := NewMemory(time.Now)
	full := map[string]time.Time{}
	for i := range MaxIndex {
		full[strconv.Itoa(i)] = time.Now().Add(time.Hour + time.Duration(i)*time.Second)
	}
	m.indexes["index"] = full
	if err := m.Note(t.Context(), "index", "last", 2*MaxIndex*time.Second); err != nil {
		t.Fatal(err)
	}
	got, err := m.Noted(t.Context(), "index")
	if err != nil || len(got) != MaxIndex || got[0] != "last" || got[MaxIndex-1] != "1" {
		t.Errorf("%d members from %q to %q, %v; want %d without the one that ends first",
			len(got), got[0], got[len(got)-1], err, MaxIndex)
	}
}
