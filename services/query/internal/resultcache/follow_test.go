package resultcache

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// begun is the outcome of one Begin.
type begun struct {
	hit  *Hit
	lead *Lead
	err  error
}

// follow starts n calls with the same key and returns when all of them wait.
func follow(ctx context.Context, c *Cache, n int) <-chan begun {
	out := make(chan begun, n)
	for range n {
		go func() {
			hit, lead, err := c.Begin(ctx, testKey())
			out <- begun{hit, lead, err}
		}()
	}
	synctest.Wait()
	return out
}

func TestFollowersShareOneAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		c := newCache(t, s)
		lead := mustLead(t, c, testKey())
		out := follow(t.Context(), c, 5)
		lead.Write([]byte("body"))
		lead.Commit(0, 0, nil, time.Minute)
		lead.Close()
		for range 5 {
			if got := <-out; got.err != nil || got.hit == nil || string(got.hit.Body) != "body" || got.hit.TTL != time.Minute {
				t.Errorf("follower got %+v", got)
			}
		}
		if s.getCalls != 1 {
			t.Errorf("the store was asked %d times", s.getCalls)
		}
	})
}

func TestAnswerIsThereBeforeTheStoreHasIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.setGate = make(chan struct{})
		c := newCache(t, s)
		put(t, c, testKey(), "body")
		mustHit(t, c, testKey(), "body")
		close(s.setGate)
		c.Close()
		mustHit(t, c, testKey(), "body")
	})
}

func TestCancelledLeaderIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, newShelf())
		ctx, cancel := context.WithCancel(t.Context())
		_, lead, err := c.Begin(ctx, testKey())
		if err != nil {
			t.Fatal(err)
		}
		out := follow(t.Context(), c, 3)
		lead.Write([]byte("half a bo"))
		cancel()
		lead.Close()
		next := <-out
		if next.lead == nil || !next.lead.Caching() || next.err != nil {
			t.Fatalf("nobody took over: %+v", next)
		}
		next.lead.Write([]byte("body"))
		next.lead.Commit(0, 0, nil, time.Minute)
		for range 2 {
			if got := <-out; got.hit == nil || string(got.hit.Body) != "body" {
				t.Errorf("follower got %+v", got)
			}
		}
	})
}

func TestFollowersOfAnUnsharedAnswerGoOn(t *testing.T) {
	ends := map[string]func(*Lead){
		"failed":      func(l *Lead) { l.Abandon() },
		"uncacheable": func(l *Lead) { l.Write([]byte("x")); l.Commit(0, 0, nil, 0) },
		"too large":   func(l *Lead) { l.Write(make([]byte, 200)) },
	}
	for name, end := range ends {
		synctest.Test(t, func(t *testing.T) {
			c := newCache(t, newShelf(), func(o *Options) { o.MaxEntry = 100 })
			lead := mustLead(t, c, testKey())
			out := follow(t.Context(), c, 3)
			end(lead)
			for range 3 {
				got := <-out
				if got.err != nil || got.lead == nil && string(got.hit.Body) != "y" {
					t.Fatalf("%s: follower got %+v", name, got)
				}
				if got.hit != nil {
					continue // A quicker follower has stored its own answer.
				}
				got.lead.Write([]byte("y"))
				got.lead.Commit(0, 0, nil, time.Minute)
				got.lead.Close()
			}
			lead.Close()
		})
	}
}

func TestFollowersDoNotWaitForASlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, newShelf(), func(o *Options) { o.FollowStream = time.Second })
		lead := mustLead(t, c, testKey())
		defer lead.Close()
		out := follow(t.Context(), c, 1)
		lead.Write([]byte("x"))
		if got := <-out; got.lead == nil || got.err != nil {
			t.Errorf("follower got %+v", got)
		}
	})
}

func TestFollowerGivesUpByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, newShelf())
		lead := mustLead(t, c, testKey())
		defer lead.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if got := <-follow(ctx, c, 1); !errors.Is(got.err, context.DeadlineExceeded) {
			t.Errorf("follower got %+v", got)
		}
	})
}

func TestWritesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.setGate = make(chan struct{})
		c := newCache(t, s)
		for i := range maxWrites + 3 {
			k := testKey()
			k.Epoch = uint64(100 + i)
			put(t, c, k, "x")
		}
		close(s.setGate)
		c.Close()
		if got := len(s.keys()); got != maxWrites {
			t.Errorf("%d written", got)
		}
	})
}
