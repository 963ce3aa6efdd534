package jetstream

import (
	"cmp"
	"context"
	"slices"

	"github.com/platformbuilds/mirador-core/services/schema/internal/changelog"
	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// Made is a version as a record of the log made it.
type Made struct {
	definition.Definition
	// Author of the record.
	Author string
	// Sequence of the record.
	Sequence uint64
}

// Folded is the sequence of the newest record that this replica includes.
func (s *Store) Folded() uint64 {
	s.replica.mu.RLock()
	defer s.replica.mu.RUnlock()
	return s.replica.current.applied
}

// Until is closed at the next change after the replica's last one if it does
// not include the sequence yet; it is nil when it does.
func (s *Store) Until(sequence uint64) <-chan struct{} { return s.replica.until(sequence) }

// Head gives the newest version of a key, also of a deleted one, and the zero
// Definition if there never was one.
func (s *Store) Head(tenantName string, key definition.Key) (d definition.Definition, err error) {
	err = s.replica.read(tenantName, func(t *tenant) { d = t.head(key) })
	return d, err
}

// Newest is Head with who made it.
func (s *Store) Newest(tenantName string, key definition.Key) (m Made, err error) {
	err = s.replica.read(tenantName, func(t *tenant) {
		if e := t.entry(key); e != nil {
			last := e.versions[len(e.versions)-1]
			m = Made{*e.head, last.Author, last.Sequence}
		}
	})
	return m, err
}

// Epoch of a tenant as far as this replica has folded.
func (s *Store) Epoch(tenantName string) (epoch uint64, err error) {
	err = s.replica.read(tenantName, func(t *tenant) { epoch = t.epoch })
	return epoch, err
}

// Made gives the tenant of a record that the replica includes, and the versions
// that it made, in its order. Versions so old that Versions does not list them
// are left out. A record that cannot be read made nothing.
func (s *Store) Made(ctx context.Context, sequence uint64) (name string, list []Made, err error) {
	r, err := s.log.Read(ctx, sequence)
	if err != nil {
		return "", nil, err
	}
	name, _, err = changelog.ParseSubject(r.Subject)
	if err != nil {
		return "", nil, nil //nolint:nilerr // the fold has logged it
	}
	b, err := changelog.Decode(r.Data)
	if err != nil {
		return name, nil, nil //nolint:nilerr // the fold has logged it
	}
	err = s.replica.read(name, func(t *tenant) {
		list = make([]Made, 0, len(b.Changes))
		for _, c := range b.Changes {
			if v, ok := t.entry(c.Key).at(sequence); ok {
				list = append(list, Made{definition.Definition{Key: c.Key, Content: c.Content, Version: v.Number,
					UpdatedAt: v.CreatedAt, Deleted: v.Deleted}, v.Author, sequence})
			}
		}
	})
	return name, list, err
}

// at finds the version that a record made.
func (e *entry) at(sequence uint64) (v definition.Version, ok bool) {
	if e == nil {
		return v, false
	}
	i, ok := slices.BinarySearchFunc(e.versions, sequence, func(v definition.Version, s uint64) int {
		return cmp.Compare(v.Sequence, s)
	})
	if ok {
		v = e.versions[i]
	}
	return v, ok
}
