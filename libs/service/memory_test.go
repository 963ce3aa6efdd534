package service

import (
	"math"
	"runtime/debug"
	"testing"
)

func TestHeapFor(t *testing.T) {
	const mb = 1 << 20
	for live, want := range map[uint64]uint64{0: 48, 8: 48, 32: 48, 34: 51, 500: 750} {
		if got := heapFor(48*mb, live*mb); got != want*mb {
			t.Errorf("%d MB alive: got %d MB, want %d", live, got/mb, want)
		}
	}
}

// pace of the process now; reading the percentage means setting it.
func pace() (percent int, limit int64) {
	percent = debug.SetGCPercent(usualPercent)
	debug.SetGCPercent(percent)
	return percent, debug.SetMemoryLimit(-1)
}

func TestPacerSetsAndGivesBack(t *testing.T) {
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	const floor = 1 << 10
	p := startPacer(MemoryConfig{HeapFloor: floor})
	if percent, limit := pace(); percent != widePercent || limit < floor<<20 || limit > 2*floor<<20 {
		t.Errorf("paces with %d %% and a limit of %d bytes", percent, limit)
	}
	p.stop()
	if p.pace() {
		t.Error("paces after its end")
	}
	if percent, limit := pace(); percent != usualPercent || limit != math.MaxInt64 {
		t.Errorf("%d %% and a limit of %d bytes after the end", percent, limit)
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
