package logsql

import (
	"slices"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// selector is what stands in braces: alternatives of conditions.
type selector [][]labelFilter

type labelFilter struct {
	label string
	test  func(value string) bool
}

func (s selector) match(stream *store.Stream) bool {
	return slices.ContainsFunc(s, func(all []labelFilter) bool {
		return !slices.ContainsFunc(all, func(f labelFilter) bool { return !f.test(stream.Label(f.label)) })
	})
}
