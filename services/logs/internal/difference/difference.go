// Package difference ranks what differs between the rows of a bad and a good
// window: values of fields, and templates of messages, whose share of the rows
// changed.
//
// The score of a value is how far apart its two shares are for certain. Each
// share has a confidence interval (Wilson 1927, recommended for proportions by
// Newcombe, "Two-sided confidence intervals for the single proportion", 1998).
// When the intervals meet, there is no difference. Otherwise the score is what
// the value contributes to the Jensen-Shannon divergence (Lin, "Divergence
// measures based on the Shannon entropy", 1991), in bits, of the two limits that
// are nearest to each other. It lies between 0 and 1, is the same when the
// windows are swapped, and favours a rare value that became common over a common
// one that gave way to it.
package difference

import (
	"cmp"
	"math"
	"slices"
)

// Pattern is the name under which templates of messages are compared.
const Pattern = "_pattern"

// confidence is the quantile of the intervals: three standard deviations,
// since thousands of values are compared at once.
const confidence = 3

// Kind of a difference.
type Kind string

// The kinds: of the bad window only, of the good window only, of both.
const (
	Appeared Kind = "appeared"
	Vanished Kind = "vanished"
	More     Kind = "more"
	Less     Kind = "less"
)

// Value is one value with its rows.
type Value struct {
	// Field name; Pattern for a template.
	Field string
	// Value of the field.
	Value string
	// Bad and Good count the rows of the windows that have it.
	Bad, Good uint64
}

// Rows counts all rows of the windows.
type Rows struct {
	Bad, Good uint64
}

// Difference is a value whose share changed.
type Difference struct {
	Value
	// BadShare and GoodShare of the rows, 0 to 1.
	BadShare, GoodShare float64
	// Score, 0 to 1.
	Score float64
	// Kind of the change.
	Kind Kind
}

// Rank gives the values that differ, the strongest first, at most limit of
// them. Counts of a field's values are of the given rows, or of the rows that
// were looked at for that field.
func Rank(values []Value, rows func(field string) Rows, limit int) []Difference {
	var found []Difference
	for _, v := range values {
		if d := compare(v, rows(v.Field)); d.Score > 0 {
			found = append(found, d)
		}
	}
	slices.SortFunc(found, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(b.change(), a.change()),
			cmp.Compare(a.Field, b.Field), cmp.Compare(a.Value.Value, b.Value.Value))
	})
	return found[:min(len(found), limit)]
}

func (d Difference) change() float64 { return math.Abs(d.BadShare - d.GoodShare) }

func compare(v Value, rows Rows) Difference {
	// Rows that arrive between two questions must not make a share above 1.
	rows.Bad, rows.Good = max(rows.Bad, v.Bad), max(rows.Good, v.Good)
	d := Difference{Value: v, BadShare: share(v.Bad, rows.Bad), GoodShare: share(v.Good, rows.Good), Kind: Less}
	badLow, badHigh := interval(v.Bad, rows.Bad)
	goodLow, goodHigh := interval(v.Good, rows.Good)
	switch {
	case badLow > goodHigh:
		d.Score, d.Kind = divergence(badLow, goodHigh), More
		if v.Good == 0 {
			d.Kind = Appeared
		}
	case goodLow > badHigh:
		d.Score = divergence(goodLow, badHigh)
		if v.Bad == 0 {
			d.Kind = Vanished
		}
	}
	return d
}

func share(n, of uint64) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// interval is Wilson's for n of all; without rows everything is possible.
func interval(n, of uint64) (low, high float64) {
	if of == 0 {
		return 0, 1
	}
	const z2 = confidence * confidence
	all, p := float64(of), share(n, of)
	middle := p + z2/(2*all)
	half := confidence * math.Sqrt(p*(1-p)/all+z2/(4*all*all))
	return max(0, (middle-half)/(1+z2/all)), min(1, (middle+half)/(1+z2/all))
}

// divergence is twice the share of one value in the Jensen-Shannon divergence,
// which is 1 for shares of 1 and 0.
func divergence(p, q float64) float64 {
	mean := (p + q) / 2
	return min(1, max(0, term(p, mean)+term(q, mean)))
}

func term(p, mean float64) float64 {
	if p == 0 {
		return 0
	}
	return p * math.Log2(p/mean)
}
