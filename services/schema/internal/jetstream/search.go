package jetstream

import (
	"context"

	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

type searcher struct{}

func newSearcher() *searcher { return &searcher{} }

// Search ranks definitions; see definition.Store.
func (s *Store) Search(ctx context.Context, v definition.View, q definition.Query) ([]definition.Hit, error) {
	return nil, nil
}
