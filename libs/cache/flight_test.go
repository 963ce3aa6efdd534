package cache

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// joined is the outcome of one Join.
type joined struct {
	value string
	lead  *Lead[string]
	err   error
}

// follow starts n followers and returns when all of them wait. It needs a
// synctest bubble.
func follow(ctx context.Context, f *Flight[string], n int) <-chan joined {
	out := make(chan joined, n)
	for range n {
		go func() {
			v, lead, err := f.Join(ctx, "k")
			out <- joined{v, lead, err}
		}()
	}
	synctest.Wait()
	return out
}

func mustLead(t *testing.T, f *Flight[string], key string) *Lead[string] {
	t.Helper()
	_, lead, err := f.Join(t.Context(), key)
	if err != nil || lead == nil {
		t.Fatalf("lead %v, error %v", lead, err)
	}
	return lead
}

func TestFlightShares(t *testing.T) { synctest.Test(t, flightShares) }

func flightShares(t *testing.T) {
	f := NewFlight[string](time.Hour)
	lead := mustLead(t, f, "k")
	mustLead(t, f, "other").Close()
	out := follow(t.Context(), f, 5)
	lead.Streams()
	lead.Share("v")
	if v, l, err := f.Join(t.Context(), "k"); v != "v" || l != nil || err != nil {
		t.Errorf("late comer got %q, lead %v, error %v", v, l, err)
	}
	for range 5 {
		if got := <-out; got.value != "v" || got.lead != nil || got.err != nil {
			t.Errorf("follower got %+v", got)
		}
	}
	lead.Close()
	mustLead(t, f, "k").Close()
}

func TestFlightReleaseSendsFollowersTheirOwnWay(t *testing.T) {
	synctest.Test(t, flightReleaseSendsFollowersTheirOwnWay)
}

func flightReleaseSendsFollowersTheirOwnWay(t *testing.T) {
	for name, end := range map[string]func(*Lead[string]){"release": (*Lead[string]).Release, "close": (*Lead[string]).Close} {
		f := NewFlight[string](time.Hour)
		lead := mustLead(t, f, "k")
		out := follow(t.Context(), f, 3)
		end(lead)
		lead.Share("too late")
		for range 3 {
			got := <-out
			if got.lead == nil || got.err != nil {
				t.Fatalf("%s: follower got %+v", name, got)
			}
			got.lead.Share("to nobody")
			got.lead.Streams()
			got.lead.Close()
		}
		if len(f.turns) != 0 {
			t.Errorf("%s: %d turns left", name, len(f.turns))
		}
	}
}

func TestFlightPassMakesOneFollowerLead(t *testing.T) {
	synctest.Test(t, flightPassMakesOneFollowerLead)
}

func flightPassMakesOneFollowerLead(t *testing.T) {
	f := NewFlight[string](time.Hour)
	first := mustLead(t, f, "k")
	out := follow(t.Context(), f, 4)
	first.Pass()
	first.Close()
	next := <-out
	if next.lead == nil || next.lead.Alone() {
		t.Fatalf("nobody leads: %+v", next)
	}
	next.lead.Share("v")
	for range 3 {
		if got := <-out; got.value != "v" {
			t.Errorf("follower got %+v", got)
		}
	}
	next.lead.Close()
}

func TestFlightFollowerLeavesByItself(t *testing.T) { synctest.Test(t, flightFollowerLeavesByItself) }

func flightFollowerLeavesByItself(t *testing.T) {
	f := NewFlight[string](time.Hour)
	lead := mustLead(t, f, "k")
	defer lead.Close()
	ctx, cancel := context.WithCancel(t.Context())
	out := follow(ctx, f, 1)
	cancel()
	if got := <-out; !errors.Is(got.err, context.Canceled) {
		t.Errorf("follower got %+v", got)
	}
	lead.Streams()
	if _, _, err := f.Join(ctx, "k"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestFlightLosesPatienceWithAStream(t *testing.T) {
	synctest.Test(t, flightLosesPatienceWithAStream)
}

func flightLosesPatienceWithAStream(t *testing.T) {
	f := NewFlight[string](time.Second)
	lead := mustLead(t, f, "k")
	defer lead.Close()
	out := follow(t.Context(), f, 1)
	time.Sleep(time.Minute)
	begun := time.Now()
	lead.Streams()
	got := <-out
	if waited := time.Since(begun); waited != time.Second {
		t.Errorf("waited %v", waited)
	}
	if got.lead == nil || !got.lead.Alone() || got.err != nil {
		t.Errorf("follower got %+v", got)
	}
}
