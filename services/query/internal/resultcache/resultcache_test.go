package resultcache

import (
	"strings"
	"testing"
	"time"
)

func TestStoredFormIsTheHitForm(t *testing.T) {
	s := newShelf()
	c := newCache(t, s)
	lead := mustLead(t, c, testKey())
	lead.Write([]byte(`{"data":[],"metadata":`))
	lead.Write([]byte(`{"cached":false},"x":1}`))
	lead.Commit(22, 38, []byte(`{"cached":true,"cacheHit":true}`), time.Minute)
	lead.Close()
	want := `{"data":[],"metadata":{"cached":true,"cacheHit":true},"x":1}`
	mustHit(t, c, testKey(), want)
	c.Close()
	hit := mustHit(t, newCache(t, s), testKey(), want)
	if hit.TTL != time.Minute || s.ttls[s.keys()[0]] != time.Minute {
		t.Errorf("lives %v, in the store %v", hit.TTL, s.ttls)
	}
	if c.budget.Used() != 0 {
		t.Errorf("%d bytes of the budget left", c.budget.Used())
	}
}

func TestEveryPartOfTheKeyCounts(t *testing.T) {
	base := testKey()
	other := map[string]func(*Key){
		"tenant":  func(k *Key) { k.Tenant = "other" },
		"account": func(k *Key) { k.Account = "2:0" },
		"scope":   func(k *Key) { k.Scope = "abc" },
		"route":   func(k *Key) { k.Route = "range" },
		"query":   func(k *Key) { k.Query = "up " },
		"params":  func(k *Key) { k.Params = []string{"tim", "e"} },
		"fewer":   func(k *Key) { k.Params = []string{"time"} },
		"epoch":   func(k *Key) { k.Epoch = 4 },
	}
	c := newCache(t, newShelf())
	put(t, c, base, "secret of base")
	for name, change := range other {
		k := base
		change(&k)
		lead := mustLead(t, c, k)
		lead.Close()
		if k.text() == base.text() {
			t.Errorf("%s does not count", name)
		}
	}
}

func TestCollidingKeysStayApart(t *testing.T) {
	s := newShelf()
	c := newCache(t, s)
	c.digest = func(string) string { return "same" }
	a, b := testKey(), testKey()
	b.Query = "down"
	put(t, c, a, "answer of a")
	c.Close()
	put(t, c, b, "answer of b")
	c.Close()
	mustHit(t, c, b, "answer of b")
	lead := mustLead(t, c, a)
	lead.Close()

	// The tenant is part of the name in the store; a value that lies under
	// another tenant's name is still not believed.
	foreign := testKey()
	foreign.Tenant = "other"
	s.values["qr:other:same"] = s.values["qr:demo:same"]
	mustLead(t, c, foreign).Close()
}

func TestFollowerWithCollidingKeyGoesItsOwnWay(t *testing.T) {
	c := newCache(t, newShelf())
	c.digest = func(string) string { return "same" }
	lead := mustLead(t, c, testKey())
	lead.Write([]byte("a"))
	other := testKey()
	other.Query = "down"
	lead.Commit(0, 0, nil, time.Minute)
	if own := mustLead(t, c, other); own.Caching() {
		t.Error("would overwrite the answer under way")
	}
	lead.Close()
}

func TestNotStored(t *testing.T) {
	cases := map[string]func(*Lead){
		"no life":   func(l *Lead) { l.Write([]byte("x")); l.Commit(0, 0, nil, 0) },
		"abandoned": func(l *Lead) { l.Write([]byte("x")); l.Abandon(); l.Commit(0, 0, nil, time.Minute) },
		"forgotten": func(l *Lead) { l.Write([]byte("x")) },
		"too large": func(l *Lead) { l.Write([]byte(strings.Repeat("x", 101))); l.Commit(0, 0, nil, time.Minute) },
		"too large in pieces": func(l *Lead) {
			l.Write([]byte(strings.Repeat("x", 60)))
			l.Write([]byte(strings.Repeat("x", 60)))
			l.Write([]byte("x"))
			l.Commit(0, 0, nil, time.Minute)
		},
	}
	for name, end := range cases {
		t.Run(name, func(t *testing.T) {
			s := newShelf()
			c := newCache(t, s, func(o *Options) { o.MaxEntry = 100 })
			lead := mustLead(t, c, testKey())
			end(lead)
			lead.Close()
			c.Close()
			if keys := s.keys(); len(keys) != 0 || c.budget.Used() != 0 {
				t.Errorf("stored %v, %d bytes of the budget left", keys, c.budget.Used())
			}
			mustLead(t, c, testKey()).Close()
		})
	}
}

func TestBudgetOfAllCalls(t *testing.T) {
	c := newCache(t, newShelf(), func(o *Options) { o.TeeBudget = 100 })
	first, second := mustLead(t, c, testKey()), mustLead(t, c, Key{Tenant: "demo"})
	defer second.Close()
	first.Write(make([]byte, 80))
	second.Write(make([]byte, 30))
	if !first.Caching() || second.Caching() {
		t.Errorf("first %v, second %v", first.Caching(), second.Caching())
	}
	first.Close()
	if c.budget.Used() != 0 {
		t.Errorf("%d bytes of the budget left", c.budget.Used())
	}
}

func TestStoreAway(t *testing.T) {
	s := newShelf()
	s.away = true
	for name, c := range map[string]*Cache{"away": newCache(t, s), "none": newCache(t, nil)} {
		lead := mustLead(t, c, testKey())
		lead.Write([]byte("x"))
		lead.Commit(0, 0, nil, time.Minute)
		lead.Close()
		if lead.Caching() {
			t.Errorf("%s: caching", name)
		}
		mustLead(t, c, testKey()).Close()
	}
	if s.getCalls != 0 || len(s.keys()) != 0 {
		t.Errorf("the store was asked %d times", s.getCalls)
	}
}

func TestFailingStoreFailsNobody(t *testing.T) {
	s := newShelf()
	s.failing = true
	seen := map[string]int{}
	c := newCache(t, s, func(o *Options) {
		o.Observe = func(op, result string, _ time.Duration) { seen[op+" "+result]++ }
	})
	put(t, c, testKey(), "x")
	c.Close()
	if seen["get error"] != 1 || seen["set error"] != 1 {
		t.Errorf("observed %v", seen)
	}
}

func TestGarbageInTheStoreIsAMiss(t *testing.T) {
	s := newShelf()
	c := newCache(t, s)
	put(t, c, testKey(), strings.Repeat("body ", 1000))
	c.Close()
	id := s.keys()[0]
	whole := s.values[id]
	for cut := range whole {
		s.values[id] = whole[:cut]
		mustLead(t, c, testKey()).Close()
	}
}

func TestDeadAnswerIsAMiss(t *testing.T) {
	s, now := newShelf(), fixed()
	c := newCache(t, s, func(o *Options) { o.Now = func() time.Time { return now } })
	put(t, c, testKey(), "x")
	c.Close()
	now = now.Add(time.Minute)
	mustLead(t, c, testKey()).Close()
}

func TestLimitOfLivesHoldsForOlderAnswersToo(t *testing.T) {
	s, now, longest := newShelf(), fixed(), time.Duration(0)
	c := newCache(t, s, func(o *Options) {
		o.Now, o.MaxTTL = func() time.Time { return now }, func() time.Duration { return longest }
	})
	put(t, c, testKey(), "x")
	c.Close()
	now, longest = now.Add(20*time.Second), 30*time.Second
	if hit := mustHit(t, c, testKey(), "x"); hit.TTL != 10*time.Second {
		t.Errorf("lives %v", hit.TTL)
	}
	now = now.Add(10 * time.Second)
	mustLead(t, c, testKey()).Close()
}

func TestLongBodiesKeepTheirBytes(t *testing.T) {
	s := newShelf()
	c := newCache(t, s)
	var want strings.Builder
	lead := mustLead(t, c, testKey())
	for i := range 7 {
		part := strings.Repeat(string(rune('a'+i)), 60_000+i)
		want.WriteString(part)
		lead.Write([]byte(part))
	}
	lead.Commit(100_000, 100_005, []byte("hit"), time.Minute)
	c.Close()
	text := want.String()
	mustHit(t, newCache(t, s), testKey(), text[:100_000]+"hit"+text[100_005:])
}

func TestJitterOnlyShortens(t *testing.T) {
	s := newShelf()
	c := newCache(t, s, func(o *Options) { o.Jitter = func() float64 { return 0.5 } })
	put(t, c, testKey(), "x")
	c.Close()
	if got := s.ttls[s.keys()[0]]; got != 57*time.Second {
		t.Errorf("lives %v", got)
	}
}

func TestTTL(t *testing.T) {
	now := fixed()
	cases := []struct {
		name string
		w    Window
		want time.Duration
	}{
		{"instant now", Window{}, 15 * time.Second},
		{"range up to now, fine step", Window{End: now, Step: 5 * time.Second}, 5 * time.Second},
		{"range up to now, coarse step", Window{End: now, Step: time.Hour}, 15 * time.Second},
		{"in the future", Window{End: now.Add(time.Hour)}, 15 * time.Second},
		{"ended a moment ago", Window{End: now.Add(-settling)}, 15 * time.Second},
		{"closed", Window{End: now.Add(-settling - time.Second), Step: time.Second}, 300 * time.Second},
	}
	for _, c := range cases {
		if got := TTL(c.w, now, 300*time.Second); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if got := TTL(Window{}, now, time.Second); got != time.Second {
		t.Errorf("a life configured shorter: %v", got)
	}
}
