package cachetest

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/platformbuilds/mirador-core/libs/cache"
)

// crowd is how many callers race in the parts that need a race.
const crowd = 16

func oneTime(t *testing.T, h Harness) {
	key := cache.Key("once", t.Name())
	check(t, h.Store.Set(t.Context(), key, []byte("ticket"), long))
	is(t, "callers that found it", race(func() bool {
		value, found, err := h.Store.GetDelete(t.Context(), key)
		return err == nil && found && string(value) == "ticket"
	}), 1)
	absent(t, h, key)
}

func oneAdds(t *testing.T, h Harness) {
	key := cache.Key("adds", t.Name())
	is(t, "callers that added", race(func() bool {
		added, err := h.Store.Add(t.Context(), key, []byte("x"), long)
		return err == nil && added
	}), 1)
}

func takes(t *testing.T, h Harness) {
	ctx, key := t.Context(), cache.Key("take", t.Name())
	steps := []struct{ want, limit, granted, used int64 }{
		{3, 10, 3, 3},
		{5, 10, 5, 8},
		{5, 10, 2, 10},
		{1, 10, 0, 10},
		{0, 10, 0, 10},
		{1, 5, 0, 10},
		{-4, 10, -4, 6},
		{9, 10, 4, 10},
		{-50, 10, -10, 0},
		{2, 1, 1, 1},
	}
	for i, s := range steps {
		taken, err := h.Store.Take(ctx, key, s.want, s.limit, long)
		check(t, err)
		if (taken != cache.Taken{Granted: s.granted, Used: s.used}) {
			t.Errorf("step %d: take %d of %d: got %+v, want %d granted, %d used", i, s.want, s.limit, taken, s.granted, s.used)
		}
	}
}

func takesRace(t *testing.T, h Harness) {
	const limit = 100
	key := cache.Key("race", t.Name())
	var granted atomic.Int64
	race(func() bool {
		for range 10 {
			taken, err := h.Store.Take(t.Context(), key, 3, limit, long)
			if err != nil {
				t.Error(err)
			}
			granted.Add(taken.Granted)
		}
		return true
	})
	is(t, "granted", granted.Load(), limit)
}

func countersEnd(t *testing.T, h Harness) {
	key := cache.Key("counter", t.Name())
	_, err := h.Store.Take(t.Context(), key, 5, 5, short)
	check(t, err)
	h.wait(short)
	Eventually(t, func() bool {
		taken, err := h.Store.Take(t.Context(), key, 1, 5, long)
		check(t, err)
		return taken.Granted == 1 && taken.Used == 1
	})
}

func indexes(t *testing.T, h Harness) {
	ctx, index := t.Context(), cache.Key("index", t.Name())
	check(t, h.Store.Note(ctx, index, "soon", long))
	check(t, h.Store.Note(ctx, index, "late", 3*long))
	check(t, h.Store.Note(ctx, index, "gone", 4*long))
	check(t, h.Store.Forget(ctx, index, "gone"))
	check(t, h.Store.Forget(ctx, index, "never"))
	check(t, h.Store.Note(ctx, cache.Key("index", "other"), "other", long))
	members(t, h, index, "late", "soon")
	check(t, h.Store.Note(ctx, index, "soon", 5*long))
	members(t, h, index, "soon", "late")
	members(t, h, cache.Key("index", "never"))
}

func membersEnd(t *testing.T, h Harness) {
	ctx, index := t.Context(), cache.Key("index", t.Name())
	check(t, h.Store.Note(ctx, index, "stays", long))
	check(t, h.Store.Note(ctx, index, "ends", short))
	h.wait(short)
	Eventually(t, func() bool {
		got, err := h.Store.Noted(ctx, index)
		check(t, err)
		return slices.Equal(got, []string{"stays"})
	})
}

// race lets a crowd call at once and counts for how many it was true.
func race(call func() bool) int {
	var won atomic.Int64
	var all sync.WaitGroup
	begin := make(chan struct{})
	for range crowd {
		all.Go(func() {
			<-begin
			if call() {
				won.Add(1)
			}
		})
	}
	close(begin)
	all.Wait()
	return int(won.Load())
}
