package service

import (
	"math"
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
	// widePercent leaves the pace to the limit.
	widePercent = 1000
	liveBytes   = "/gc/heap/live:bytes"
)

// notHeap is what the runtime's limit counts beside the objects of the heap.
func notHeap() []string {
	return []string{"/memory/classes/heap/unused:bytes", "/memory/classes/heap/stacks:bytes",
		"/memory/classes/metadata/mcache/inuse:bytes", "/memory/classes/metadata/mspan/inuse:bytes",
		"/memory/classes/metadata/other:bytes", "/memory/classes/os-stacks:bytes", "/memory/classes/other:bytes"}
}

// pacer keeps a small heap from being collected all the time: a service that
// holds 10 MB would be collected with every 10 MB of garbage. After each
// collection it lets the heap grow up to the floor, or by half of what is alive
// where that is more: much that is alive are bodies, which are cheap to collect
// around. It does so by the runtime's memory limit: should it come late, the heap is collected more often
// for a moment and never grows beyond what was allowed last.
type pacer struct {
	floor   uint64
	samples []metrics.Sample

	mu   sync.Mutex
	over bool
}

// startPacer returns nil where the operator has chosen a pace.
func startPacer(c MemoryConfig) *pacer {
	if c.HeapFloor <= 0 || os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return nil
	}
	p := &pacer{floor: uint64(c.HeapFloor) << 20, samples: []metrics.Sample{{Name: liveBytes}}}
	for _, name := range notHeap() {
		p.samples = append(p.samples, metrics.Sample{Name: name})
	}
	p.pace()
	debug.SetGCPercent(widePercent)
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
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return false
	}
	metrics.Read(p.samples)
	beside := uint64(0)
	for _, s := range p.samples[1:] {
		beside += s.Value.Uint64()
	}
	debug.SetMemoryLimit(int64(heapFor(p.floor, p.samples[0].Value.Uint64()) + beside))
	return true
}

// heapFor is the size at which a heap with so many live bytes is collected.
func heapFor(floor, live uint64) uint64 { return max(floor, live+live/2) }

// stop gives the runtime its usual pace again.
func (p *pacer) stop() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	debug.SetGCPercent(usualPercent)
	debug.SetMemoryLimit(math.MaxInt64)
}
