package events

import "github.com/nats-io/nats.go/jetstream"

// apply takes one update; the watcher marks the end of the first reading with
// nil.
func (v *View[K, V]) apply(e jetstream.KeyValueEntry, s *session) {
	if e == nil {
		v.swap(s)
		return
	}
	change, err := v.decode(e)
	if err != nil {
		v.conn.log.Warn("bucket entry cannot be read", "bucket", v.cfg.Bucket.Name, "revision", e.Revision(), "error", err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.revision = max(v.revision, e.Revision())
	switch {
	case err != nil:
	case v.caughtUp:
		v.overflow = !change(v.current) || v.overflow
	default:
		v.spilled = !change(v.building) || v.spilled
	}
	v.confirm(s)
}

// decode gives the change that an update makes to a map; the change is false
// when there is no room for it.
func (v *View[K, V]) decode(e jetstream.KeyValueEntry) (change func(map[K]Entry[V]) bool, err error) {
	key, err := v.cfg.Key(e.Key())
	if err != nil {
		return nil, err
	}
	if e.Operation() != jetstream.KeyValuePut {
		return func(m map[K]Entry[V]) bool { return remove(m, key, e.Revision()) }, nil
	}
	value, err := v.cfg.Value(e.Value())
	if err != nil {
		return nil, err
	}
	entry := Entry[V]{Value: value, Revision: e.Revision(), Created: e.Created()}
	return func(m map[K]Entry[V]) bool { return v.put(m, key, entry) }, nil
}

func remove[K comparable, V any](m map[K]Entry[V], key K, revision uint64) bool {
	if old, ok := m[key]; ok && old.Revision < revision {
		delete(m, key)
	}
	return true
}

// swap puts the fresh reading in place of the old one.
func (v *View[K, V]) swap(s *session) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.current, v.building = v.building, nil
	v.revision = max(v.revision, s.floor)
	v.caughtUp = true
	v.overflow = v.spilled
	v.confirm(s)
	v.conn.metrics.entries.WithLabelValues(v.cfg.Bucket.Name).Set(float64(len(v.current)))
	select {
	case <-v.ready:
	default:
		close(v.ready)
	}
}
