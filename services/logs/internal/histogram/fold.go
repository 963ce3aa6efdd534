package histogram

import (
	"cmp"
	"slices"
)

// Fold keeps the limit of values with most rows; the counts of all others
// become the rest.
func Fold(counts []Count, limit int) []Count {
	totals := map[string]uint64{}
	for _, c := range counts {
		totals[c.Value] += c.Rows
	}
	if len(totals) <= limit {
		return counts
	}
	values := make([]string, 0, len(totals))
	for v := range totals {
		values = append(values, v)
	}
	slices.SortFunc(values, func(a, b string) int { return cmp.Or(cmp.Compare(totals[b], totals[a]), cmp.Compare(a, b)) })
	for _, v := range values[:limit] {
		delete(totals, v)
	}
	for i, c := range counts {
		if _, rest := totals[c.Value]; rest {
			counts[i].Value, counts[i].Rest = "", true
		}
	}
	return counts
}
