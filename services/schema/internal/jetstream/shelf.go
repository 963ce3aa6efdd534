package jetstream

import (
	"maps"
	"slices"
	"sync/atomic"

	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// shelf holds the keys of one kind of one tenant. Nothing is ever taken from
// it: deleted keys keep their history.
type shelf struct {
	entries map[definition.Key]*entry
	// children lists the keys of one parent, in no order.
	children map[string][]definition.Key
	// order is the keys in order, nil until a list needs it.
	order atomic.Pointer[[]definition.Key]
}

func newShelf() *shelf {
	return &shelf{entries: map[definition.Key]*entry{}, children: map[string][]definition.Key{}}
}

// add makes room for a key that is not there yet.
func (s *shelf) add(key definition.Key) *entry {
	e := &entry{}
	s.entries[key] = e
	if key.Kind.HasParent() {
		s.children[key.Parent] = append(s.children[key.Parent], key)
	}
	s.order.Store(nil)
	return e
}

// keys lists the keys of a parent in order, or all of them for "". The list
// must not be changed. Readers may come side by side.
func (s *shelf) keys(parent string) []definition.Key {
	if parent != "" {
		return slices.SortedFunc(slices.Values(s.children[parent]), definition.Key.Compare)
	}
	if order := s.order.Load(); order != nil {
		return *order
	}
	order := slices.SortedFunc(maps.Keys(s.entries), definition.Key.Compare)
	s.order.Store(&order)
	return order
}

// page gives the definitions of a selection.
func (s *shelf) page(sel definition.Selection) definition.Page {
	keys := s.keys(sel.Parent)
	if sel.After != nil {
		at, found := slices.BinarySearchFunc(keys, *sel.After, definition.Key.Compare)
		if found {
			at++
		}
		keys = keys[at:]
	}
	var p definition.Page
	for _, key := range keys {
		d := s.entries[key].head
		if !sel.Fits(*d) {
			continue
		}
		if len(p.Definitions) == sel.Limit {
			p.More = true
			break
		}
		p.Definitions = append(p.Definitions, *d)
	}
	return p
}
