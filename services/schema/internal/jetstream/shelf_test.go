package jetstream

import (
	"fmt"
	"slices"
	"testing"

	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// However additions and lists take turns, a list holds every key once, in
// order.
func FuzzListsStayInOrder(f *testing.F) {
	f.Add([]byte{9, 200, 3, 7, 200, 1, 8, 2, 200})
	f.Add([]byte{200, 5, 4, 3, 2, 1, 200, 200, 6, 0, 200})
	f.Fuzz(func(t *testing.T, steps []byte) {
		s, want := newShelf(), map[definition.Key]bool{}
		for _, n := range steps {
			key := definition.Key{Kind: definition.Label, Parent: fmt.Sprint(n % 3), Name: fmt.Sprint(n)}
			if n < 200 && !want[key] {
				s.add(key).head = &definition.Definition{Key: key, Version: 1}
				want[key] = true
				continue
			}
			list := s.inOrder("")
			if len(list) != len(want) || !slices.IsSortedFunc(list, compare) {
				t.Fatalf("%d entries listed, want %d", len(list), len(want))
			}
			for _, e := range s.inOrder("1") {
				if e.head.Parent != "1" {
					t.Fatalf("a child of 1 is %+v", e.head.Key)
				}
			}
		}
	})
}
