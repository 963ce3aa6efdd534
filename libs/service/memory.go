package service

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// MemoryConfig says how much memory garbage may take.
type MemoryConfig struct {
	// HeapFloor is the size below which the heap is not collected, in MiB.
	HeapFloor int `key:"heap_floor_mb" doc:"MiB up to which the heap grows before it is collected; 0 leaves it to GOGC"`
}

const (
	// usualPercent is the runtime's own pace: a heap may double between two
	// collections.
	usualPercent = 100
	// mostPercent bounds the pace of a nearly empty heap.
	mostPercent = 1000
	liveBytes   = "/gc/heap/live:bytes"
)

// pacer keeps a small heap from being collected all the time: a service that
// holds 10 MB would be collected with every 10 MB of garbage. After each
// collection it lets the heap grow up to the floor, or to twice of what is
// alive where that is more, which is the runtime's own rule.
type pacer struct {
	floor uint64

	mu      sync.Mutex
	percent int
	over    bool
}

// startPacer returns nil where the operator has chosen a pace.
func startPacer(c MemoryConfig) *pacer {
	if c.HeapFloor <= 0 || os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return nil
	}
	p := &pacer{floor: uint64(c.HeapFloor) << 20, percent: usualPercent}
	p.pace()
	p.afterCollection()
	return p
}

// afterCollection paces anew after each collection: the runtime tells of one
// only by finalising what became garbage.
func (p *pacer) afterCollection() {
	type sentinel struct{ _ *pacer }
	runtime.SetFinalizer(&sentinel{p}, func(*sentinel) {
		if p.pace() {
			p.afterCollection()
		}
	})
}

// pace is false when the pacer has ended.
func (p *pacer) pace() bool {
	sample := []metrics.Sample{{Name: liveBytes}}
	metrics.Read(sample)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return false
	}
	p.set(percentFor(p.floor, sample[0].Value.Uint64()))
	return true
}

func (p *pacer) set(percent int) {
	if percent != p.percent {
		p.percent = percent
		debug.SetGCPercent(percent)
	}
}

// percentFor is the pace at which a heap with so many live bytes is collected
// when it reaches the floor, and never more often than usual.
func percentFor(floor, live uint64) int {
	live = max(live, 1)
	if floor <= 2*live {
		return usualPercent
	}
	return int(min((floor-live)*100/live, mostPercent))
}

// stop gives the runtime its usual pace again.
func (p *pacer) stop() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	p.set(usualPercent)
}
