// Package drift compares what is defined with what the back ends have seen:
// names without definitions, definitions of nothing, and values of labels that
// their definitions do not allow.
package drift

import (
	"slices"
)

// Part is the comparison of one kind of names.
type Part struct {
	// SeenUndefined and DefinedUnseen are sorted and cut at the limit.
	SeenUndefined, DefinedUnseen []string
	// Seen and Defined count names, each once.
	Seen, Defined int
	// Coverage is the share of Seen that is defined, in percent, two digits
	// after the point; 100 when nothing was seen.
	Coverage float64
	// Partial tells that not all names could be looked at; the counts are those
	// of the names that could.
	Partial bool
	// Unreadable says why nothing could be compared; then all else is empty.
	Unreadable string
}

// Compare makes a part of two lists of names, in any order and with doubles.
func Compare(defined, seen []string, limit int) Part {
	defined, seen = sorted(defined), sorted(seen)
	undefined, unseen := without(seen, defined), without(defined, seen)
	return Part{
		SeenUndefined: cut(undefined, limit), DefinedUnseen: cut(unseen, limit),
		Seen: len(seen), Defined: len(defined), Coverage: percent(len(seen)-len(undefined), len(seen)),
	}
}

func sorted(names []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(names)))
}

// without gives the names that are not in the other sorted list.
func without(names, other []string) []string {
	var out []string
	for _, n := range names {
		if _, found := slices.BinarySearch(other, n); !found {
			out = append(out, n)
		}
	}
	return out
}

func cut(names []string, limit int) []string { return names[:min(len(names), limit)] }

func percent(part, whole int) float64 {
	if whole == 0 {
		return 100
	}
	return float64(part*10_000/whole) / 100
}
