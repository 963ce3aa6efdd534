package jetstream

import (
	"slices"
	"sync/atomic"

	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// shelf holds the keys of one kind of one tenant. Nothing is ever taken from
// it: deleted keys keep their history.
type shelf struct {
	entries map[definition.Key]*entry
	// children lists the entries of one parent, in no order.
	children map[string][]*entry
	// added lists all entries as they came; order is the first of them in the
	// order of their keys, as many as there were when a list was last asked for.
	added []*entry
	order atomic.Pointer[[]*entry]
}

func newShelf() *shelf {
	return &shelf{entries: map[definition.Key]*entry{}, children: map[string][]*entry{}}
}

// add makes room for a key that is not there yet.
func (s *shelf) add(key definition.Key) *entry {
	e := &entry{}
	s.entries[key] = e
	if key.Kind.HasParent() {
		s.children[key.Parent] = append(s.children[key.Parent], e)
	}
	s.added = append(s.added, e)
	return e
}

func compare(a, b *entry) int { return a.head.Compare(b.head.Key) }

// inOrder lists the entries of a parent in order, or all of them for "". The
// list must not be changed. Readers may come side by side.
func (s *shelf) inOrder(parent string) []*entry {
	if parent != "" {
		return slices.SortedFunc(slices.Values(s.children[parent]), compare)
	}
	var order []*entry
	if p := s.order.Load(); p != nil {
		order = *p
	}
	if len(order) < len(s.added) {
		order = merge(order, slices.SortedFunc(slices.Values(s.added[len(order):]), compare))
		s.order.Store(&order)
	}
	return order
}

// merge makes one list of two that are in order.
func merge(a, b []*entry) []*entry {
	out := make([]*entry, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if compare(a[0], b[0]) < 0 {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// page gives the definitions of a selection.
func (s *shelf) page(sel definition.Selection) definition.Page {
	var p definition.Page
	for _, e := range s.from(sel) {
		if sel.Past(e.head.Key) {
			break
		}
		if !sel.Fits(*e.head) {
			continue
		}
		if len(p.Definitions) == sel.Limit {
			p.More = true
			break
		}
		p.Definitions = append(p.Definitions, *e.head)
	}
	return p
}

// from leaves out what comes before the selection.
func (s *shelf) from(sel definition.Selection) []*entry {
	list := s.inOrder(sel.Parent)
	first := sel.First()
	at, found := slices.BinarySearchFunc(list, first, func(e *entry, k definition.Key) int { return e.head.Compare(k) })
	if found && sel.After != nil && first == *sel.After {
		at++
	}
	return list[at:]
}
