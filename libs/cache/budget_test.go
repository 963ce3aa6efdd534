package cache

import (
	"sync"
	"sync/atomic"
	"testing"
)

func TestBudgetIsNeverOverdrawn(t *testing.T) {
	b := NewBudget(100)
	if b.Take(101) || b.Used() != 0 {
		t.Fatalf("took more than there is, %d used", b.Used())
	}
	var all sync.WaitGroup
	var held atomic.Int64
	for range 8 {
		all.Go(func() {
			for range 1000 {
				if !b.Take(30) {
					continue
				}
				if held.Add(30) > 100 {
					t.Error("overdrawn")
				}
				held.Add(-30)
				b.Give(30)
			}
		})
	}
	all.Wait()
	if b.Used() != 0 {
		t.Errorf("%d bytes left", b.Used())
	}
}
