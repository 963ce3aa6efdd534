package resultcache

import (
	"testing"
	"time"
)

// stopwatch is a clock that tests move.
type stopwatch struct{ now time.Time }

func (s *stopwatch) time() time.Time { return s.now }

// made answers the key in the time that making it takes.
func made(t *testing.T, c *Cache, clock *stopwatch, key Key, took time.Duration, body string) {
	t.Helper()
	lead := mustLead(t, c, key)
	defer lead.Close()
	clock.now = clock.now.Add(took)
	lead.Write([]byte(body))
	lead.Commit(0, 0, nil, time.Minute)
	c.Close()
}

func cheapCache(t *testing.T, s Store) (*Cache, *stopwatch) {
	t.Helper()
	clock := &stopwatch{fixed()}
	return newCache(t, s, func(o *Options) { o.Now, o.Cheap = clock.time, 10*time.Millisecond }), clock
}

func at(text string) Key {
	k := testKey()
	k.Params = []string{text}
	return k
}

func TestCheapAnswersStayOutOfTheStore(t *testing.T) {
	s := newShelf()
	c, clock := cheapCache(t, s)
	made(t, c, clock, at("1"), 10*time.Millisecond, "first")
	made(t, c, clock, at("2"), 500*time.Millisecond, "second")
	made(t, c, clock, at("3"), time.Millisecond, "third")
	if len(s.keys()) != 1 || s.getCalls != 1 {
		t.Errorf("the store holds %v and was asked %d times, want the first answer only", s.keys(), s.getCalls)
	}
	if c.budget.Used() != 0 {
		t.Errorf("%d bytes of the budget left", c.budget.Used())
	}
}

func TestDearAnswersGoToTheStore(t *testing.T) {
	tests := []struct {
		name string
		took time.Duration
		size int
	}{
		{"slow", 501 * time.Millisecond, 1},
		{"large", time.Millisecond, cheapSize + 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newShelf()
			c, clock := cheapCache(t, s)
			body := string(make([]byte, tt.size))
			made(t, c, clock, at("1"), tt.took, body)
			made(t, c, clock, at("2"), tt.took, body)
			other, _ := cheapCache(t, s)
			mustHit(t, other, at("1"), body)
			mustHit(t, other, at("2"), body)
		})
	}
}

func TestCheapAnswerThatBecomesDear(t *testing.T) {
	s := newShelf()
	c, clock := cheapCache(t, s)
	made(t, c, clock, at("1"), time.Millisecond, "cheap")
	made(t, c, clock, at("2"), time.Second, "dear by now")
	made(t, c, clock, at("3"), time.Second, "dear still")
	mustHit(t, c, at("3"), "dear still")
}

func TestProofOfCheapnessEnds(t *testing.T) {
	s := newShelf()
	c, clock := cheapCache(t, s)
	made(t, c, clock, at("1"), time.Millisecond, "x")
	clock.now = clock.now.Add(cheapLife)
	made(t, c, clock, at("2"), time.Millisecond, "x")
	if len(s.keys()) != 2 {
		t.Errorf("stored %v, want a new proof after %v", s.keys(), cheapLife)
	}
}

func TestCheapnessIsOfOneCallerAndQuery(t *testing.T) {
	for name, change := range map[string]func(*Key){
		"tenant":  func(k *Key) { k.Tenant = "other" },
		"account": func(k *Key) { k.Account = "2:0" },
		"scope":   func(k *Key) { k.Scope = "abc" },
		"route":   func(k *Key) { k.Route = "range" },
		"query":   func(k *Key) { k.Query = "down" },
	} {
		s := newShelf()
		c, clock := cheapCache(t, s)
		made(t, c, clock, at("1"), time.Millisecond, "cheap")
		k := at("1")
		change(&k)
		made(t, c, clock, k, time.Second, "dear")
		if len(s.keys()) != 2 {
			t.Errorf("%s does not count", name)
		}
	}
}

func TestNobodyWaitsForACheapAnswer(t *testing.T) {
	s := newShelf()
	c, clock := cheapCache(t, s)
	made(t, c, clock, at("1"), time.Millisecond, "cheap")
	first, second := mustLead(t, c, at("2")), mustLead(t, c, at("2"))
	if !first.Caching() || !second.Caching() {
		t.Error("cheap answers look as if the client had bypassed the cache")
	}
	first.Write([]byte("a"))
	first.Abandon()
	second.Write([]byte("a"))
	second.Commit(0, 0, nil, time.Minute)
	first.Close()
	second.Close()
	if c.budget.Used() != 0 || len(s.keys()) != 1 {
		t.Errorf("%d bytes held, stored %v", c.budget.Used(), s.keys())
	}
}
