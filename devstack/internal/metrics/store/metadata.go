package store

import (
	"maps"
	"slices"
	"sync"
)

// Meta is what a writer said about a metric; empty fields are unknown.
type Meta struct{ Type, Unit, Help string }

// maxMetadata bounds the metrics a tenant may describe, since any writer can
// invent names.
const maxMetadata = 20000

type metadata struct {
	mu *sync.RWMutex
	by map[string]Meta
}

func newMetadata() metadata { return metadata{mu: &sync.RWMutex{}, by: map[string]Meta{}} }

// Describe remembers metadata of metrics; like the real server's it does not
// outlive the process.
func (d *DB) Describe(all map[string]Meta) {
	d.metadata.mu.Lock()
	defer d.metadata.mu.Unlock()
	for name, m := range all {
		if _, known := d.metadata.by[name]; known || len(d.metadata.by) < maxMetadata {
			d.metadata.by[name] = m
		}
	}
}

// Metadata returns up to limit metrics in name order (limit <= 0: all), or
// only the named one.
func (d *DB) Metadata(name string, limit int) ([]string, map[string]Meta) {
	d.metadata.mu.RLock()
	defer d.metadata.mu.RUnlock()
	names := slices.Sorted(maps.Keys(d.metadata.by))
	if name != "" {
		names = slices.DeleteFunc(names, func(n string) bool { return n != name })
	}
	if limit > 0 && len(names) > limit {
		names = names[:limit]
	}
	out := make(map[string]Meta, len(names))
	for _, n := range names {
		out[n] = d.metadata.by[n]
	}
	return names, out
}
