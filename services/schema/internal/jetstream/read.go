package jetstream

import (
	"context"
	"slices"

	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// Metric gives the newest definition; see definition.Store.
func (s *Store) Metric(ctx context.Context, tenantName, name string, minEpoch uint64) (m definition.Metric, err error) {
	s.await(ctx, minEpoch)
	err = s.replica.read(tenantName, func(t *tenant) { m = t.metric(name).head })
	if err == nil && m.Version == 0 {
		err = definition.ErrNotFound
	}
	return m, err
}

// Label gives the newest definition; see definition.Store.
func (s *Store) Label(ctx context.Context, tenantName string, key definition.Key, minEpoch uint64) (l definition.Label, err error) {
	s.await(ctx, minEpoch)
	err = s.replica.read(tenantName, func(t *tenant) { l = t.label(key).head })
	if err == nil && l.Version == 0 {
		err = definition.ErrNotFound
	}
	return l, err
}

// Lookup gives definitions of many metrics; see definition.Store.
func (s *Store) Lookup(ctx context.Context, tenantName string, metrics []string, minEpoch uint64) (f definition.Found, err error) {
	s.await(ctx, minEpoch)
	err = s.replica.read(tenantName, func(t *tenant) { f = t.find(metrics) })
	return f, err
}

// Versions lists the history of a definition; see definition.Store.
func (s *Store) Versions(_ context.Context, tenantName string, key definition.Key) (list []definition.Version, err error) {
	err = s.replica.read(tenantName, func(t *tenant) {
		list = slices.Clone(t.metric(key.Metric).versions)
		if key.Label != "" {
			list = slices.Clone(t.label(key).versions)
		}
	})
	slices.Reverse(list)
	return list, err
}

// await gives a change that was acknowledged elsewhere a moment to arrive. A
// read never fails for it: the answer says which epoch it includes.
func (s *Store) await(ctx context.Context, epoch uint64) {
	if s.replica.includes(epoch) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, epochWait)
	defer cancel()
	_ = s.replica.wait(ctx, epoch)
}
