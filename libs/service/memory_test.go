package service

import (
	"runtime/debug"
	"testing"
)

func TestPercentFor(t *testing.T) {
	const mb = 1 << 20
	for live, want := range map[uint64]int{
		0: mostPercent, mb: mostPercent, 8 * mb: 500, 24 * mb: usualPercent, 16 * mb: 200, 30 * mb: usualPercent, 500 * mb: usualPercent,
	} {
		if got := percentFor(48*mb, live); got != want {
			t.Errorf("%d MB alive: got %d, want %d", live/mb, got, want)
		}
	}
}

// pace of the process now; reading it means setting it.
func pace() int {
	now := debug.SetGCPercent(usualPercent)
	debug.SetGCPercent(now)
	return now
}

func TestPacerSetsAndGivesBack(t *testing.T) {
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	p := startPacer(MemoryConfig{HeapFloor: 1 << 20})
	if got := pace(); got != mostPercent {
		t.Errorf("a heap far below the floor is collected at %d %%", got)
	}
	p.stop()
	if got := pace(); got != usualPercent {
		t.Errorf("%d %% after the end", got)
	}
	if p.pace() || pace() != usualPercent {
		t.Error("paces after its end")
	}
}

func TestOperatorsPaceIsKept(t *testing.T) {
	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, "50")
			if startPacer(MemoryConfig{HeapFloor: 48}) != nil {
				t.Error("the operator's choice is overruled")
			}
		})
	}
	if startPacer(MemoryConfig{}) != nil {
		t.Error("0 does not turn it off")
	}
}
