package cache

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// clock is a time that tests move.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func newTestLocal(maxBytes int64, share float64) (*Local[string], *clock) {
	c := &clock{now: time.Unix(1_800_000_000, 0)}
	return NewLocal[string](LocalOptions{MaxBytes: maxBytes, Share: share, Now: c.Now}), c
}

func TestLocalLife(t *testing.T) {
	l, c := newTestLocal(10_000, 1)
	l.Set("a", "k", "v", 1, time.Minute)
	c.now = c.now.Add(20 * time.Second)
	got, ok := l.Get("a", "k")
	if want := (Found[string]{"v", 20 * time.Second, 40 * time.Second}); !ok || got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if _, ok := l.Get("b", "k"); ok {
		t.Error("found under another owner")
	}
	c.now = c.now.Add(40 * time.Second)
	if _, ok := l.Get("a", "k"); ok || l.Bytes() != 0 || len(l.owners) != 0 {
		t.Errorf("found %v after its end, %d bytes", ok, l.Bytes())
	}
	if l.Set("a", "k", "v", 1, 0) {
		t.Error("stored without a life")
	}
}

func TestLocalReplaceAndDelete(t *testing.T) {
	l, _ := newTestLocal(10_000, 1)
	l.Set("a", "k", "old", 500, time.Minute)
	before := l.Bytes()
	l.Set("a", "k", "new", 500, time.Minute)
	if got, _ := l.Get("a", "k"); got.Value != "new" || l.Bytes() != before {
		t.Errorf("got %q, %d bytes, want %d", got.Value, l.Bytes(), before)
	}
	l.Delete("a", "k")
	l.Delete("nobody", "k")
	if l.Bytes() != 0 {
		t.Errorf("%d bytes left", l.Bytes())
	}
}

func TestLocalEvictsWhatWasNotUsed(t *testing.T) {
	l, _ := newTestLocal(3*(1000+entryOverhead+1), 1)
	for _, k := range []string{"1", "2", "3"} {
		l.Set("a", k, k, 1000, time.Minute)
	}
	l.Get("a", "1")
	l.Set("a", "4", "4", 1000, time.Minute)
	for k, want := range map[string]bool{"1": true, "2": false, "3": true, "4": true} {
		if _, ok := l.Get("a", k); ok != want {
			t.Errorf("%s found: %v", k, ok)
		}
	}
}

func TestLocalFloodOfOneOwnerSparesTheOthers(t *testing.T) {
	l, _ := newTestLocal(100_000, 0.5)
	for i := range 20 {
		l.Set("small", fmt.Sprint(i), "v", 1000, time.Minute)
	}
	for i := range 1000 {
		l.Set("flood", fmt.Sprint(i), "v", 2000, time.Minute)
		l.Set("flood too", fmt.Sprint(i), "v", 2000, time.Minute)
	}
	for i := range 20 {
		if _, ok := l.Get("small", fmt.Sprint(i)); !ok {
			t.Fatalf("entry %d of the small owner is gone", i)
		}
	}
	if l.Set("flood", "huge", "v", 50_001, time.Minute) {
		t.Error("stored more than a share")
	}
}

func TestLocalNeverHoldsMoreThanItMay(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		l, c := newTestLocal(20_000, 0.6)
		for range rapid.IntRange(1, 60).Draw(r, "steps") {
			owner := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(r, "owner")
			key := rapid.SampledFrom([]string{"1", "2", "3", "4"}).Draw(r, "key")
			size := rapid.Int64Range(0, 15_000).Draw(r, "size")
			l.Set(owner, key, owner+key, size, time.Duration(size))
			c.now = c.now.Add(time.Duration(rapid.IntRange(0, 5000).Draw(r, "pass")))
			if got, ok := l.Get(owner, key); ok && got.Value != owner+key {
				r.Fatalf("foreign value %q", got.Value)
			}
			checkBounds(r, l)
		}
	})
}

func checkBounds(r *rapid.T, l *Local[string]) {
	var sum int64
	for name, o := range l.owners {
		if o.bytes > 12_000 || len(o.entries) != o.order.Len() {
			r.Fatalf("owner %s holds %d bytes", name, o.bytes)
		}
		sum += o.bytes
	}
	if sum != l.bytes || sum > 20_000 {
		r.Fatalf("%d bytes, owners hold %d", l.bytes, sum)
	}
}

func TestLocalConcurrentUse(t *testing.T) {
	l := NewLocal[string](LocalOptions{MaxBytes: 5000})
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for i := range 500 {
				key := fmt.Sprint(i % 7)
				l.Set(fmt.Sprint(g), key, key, 300, time.Minute)
				if got, ok := l.Get(fmt.Sprint(g), key); ok && got.Value != key {
					t.Errorf("foreign value %q", got.Value)
				}
			}
		})
	}
	all.Wait()
}

func BenchmarkLocalGet(b *testing.B) {
	l := NewLocal[[]byte](LocalOptions{MaxBytes: 1 << 20})
	l.Set("tenant", "key", []byte("v"), 1, time.Hour)
	b.ReportAllocs()
	for b.Loop() {
		l.Get("tenant", "key")
	}
}
