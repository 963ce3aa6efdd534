package traces

import (
	"slices"
	"sync"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

const (
	// maxTraces and maxOperations bound what is remembered of a tenant; the
	// oldest tenth goes.
	maxTraces     = 2_000_000
	maxOperations = 100_000
	pruneEvery    = 100_000 // spans
	maxTenants    = 64
)

// index knows when each trace happened, and the services with their operations.
type index struct {
	mu      sync.Mutex
	tenants map[store.Tenant]*catalog
}

func newIndex() *index { return &index{tenants: map[store.Tenant]*catalog{}} }

type catalog struct {
	traces     map[string]window
	operations map[operation]int64 // end of the newest span
	added      int
}

// window is from the first to the last end of a span, in unix nanoseconds.
type window struct{ first, last int64 }

type operation struct{ service, name string }

func (x *index) add(t store.Tenant, spans []span, oldest int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	c := x.tenants[t]
	if c == nil {
		if len(spans) == 0 || len(x.tenants) == maxTenants {
			return
		}
		c = &catalog{traces: map[string]window{}, operations: map[operation]int64{}}
		x.tenants[t] = c
	}
	for _, s := range spans {
		c.add(s)
	}
	if c.added += len(spans); c.added >= pruneEvery {
		c.added = 0
		prune(c.traces, func(w window) int64 { return w.last }, oldest, maxTraces)
		prune(c.operations, func(last int64) int64 { return last }, oldest, maxOperations)
	}
}

func (c *catalog) add(s span) {
	at := s.row.Time
	w, ok := c.traces[s.trace]
	if !ok {
		w = window{at, at}
	}
	c.traces[s.trace] = window{min(w.first, at), max(w.last, at)}
	o := operation{s.service, s.opName}
	c.operations[o] = max(c.operations[o], at)
}

// prune drops what ended before oldest, and the oldest tenth of too many.
func prune[K comparable, V any](m map[K]V, last func(V) int64, oldest int64, limit int) {
	if len(m) > limit {
		ends := make([]int64, 0, len(m))
		for _, v := range m {
			ends = append(ends, last(v))
		}
		slices.Sort(ends)
		oldest = max(oldest, ends[len(ends)-limit+limit/10])
	}
	for k, v := range m {
		if last(v) < oldest {
			delete(m, k)
		}
	}
}

// window returns when a trace happened.
func (x *index) window(t store.Tenant, trace string) (window, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if c := x.tenants[t]; c != nil {
		w, ok := c.traces[trace]
		return w, ok
	}
	return window{}, false
}

// services returns the sorted names of a tenant's services.
func (x *index) services(t store.Tenant, oldest int64) []string {
	return x.names(t, oldest, func(o operation) string { return o.service })
}

// operations returns the sorted names of a service's operations.
func (x *index) operations(t store.Tenant, service string, oldest int64) []string {
	return x.names(t, oldest, func(o operation) string {
		if o.service != service {
			return ""
		}
		return o.name
	})
}

func (x *index) names(t store.Tenant, oldest int64, name func(operation) string) []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	all := []string{}
	if c := x.tenants[t]; c != nil {
		for o, last := range c.operations {
			if n := name(o); n != "" && last >= oldest {
				all = append(all, n)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
