package upstream

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

func TestGateLimitIsPerTenant(t *testing.T) {
	g := NewGate()
	leave, err := g.Enter("failed", "a", 1)
	if err != nil {
		t.Fatal(err)
	}
	_, err = g.Enter("failed", "a", 1)
	if f := fault.From(err); f == nil || f.Code != fault.CodeBusy || f.Message != "failed" || f.RetryAfter == 0 {
		t.Errorf("got %v", err)
	}
	other, err := g.Enter("failed", "b", 1)
	if err != nil {
		t.Error(err)
	}
	other()
	leave()
	leave()
	if leave, err = g.Enter("failed", "a", 1); err != nil {
		t.Error(err)
	}
	leave()
	if len(g.running) != 0 {
		t.Errorf("remembers %v", g.running)
	}
}

func TestGateLeavingTwiceFreesOnePlace(t *testing.T) {
	g := NewGate()
	first, err1 := g.Enter("m", "a", 2)
	_, err2 := g.Enter("m", "a", 2)
	if err1 != nil || err2 != nil {
		t.Fatal("refused below the limit", err1, err2)
	}
	first()
	first()
	if _, err := g.Enter("m", "a", 2); err != nil {
		t.Errorf("refused after one left: %v", err)
	}
	if _, err := g.Enter("m", "a", 2); err == nil {
		t.Error("leaving twice made room for two")
	}
}

func TestGateWithoutLimit(t *testing.T) {
	g := NewGate()
	for range 100 {
		if _, err := g.Enter("m", "a", 0); err != nil {
			t.Fatal(err)
		}
	}
}

// Whatever order they come and go in, never more than the limit are inside and
// nothing is remembered of those who left.
func TestGateCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, limit := NewGate(), rapid.IntRange(1, 3).Draw(t, "limit")
		inside := map[string][]func(){}
		for range rapid.IntRange(0, 30).Draw(t, "steps") {
			tenant := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "tenant")
			if in := inside[tenant]; len(in) > 0 && rapid.Bool().Draw(t, "leave") {
				in[0]()
				inside[tenant] = in[1:]
				continue
			}
			leave, err := g.Enter("m", tenant, limit)
			if (err == nil) != (len(inside[tenant]) < limit) {
				t.Fatalf("%d inside, %v", len(inside[tenant]), err)
			}
			if err == nil {
				inside[tenant] = append(inside[tenant], leave)
			}
		}
		for _, in := range inside {
			for _, leave := range in {
				leave()
			}
		}
		if len(g.running) != 0 {
			t.Fatalf("remembers %v", g.running)
		}
	})
}
