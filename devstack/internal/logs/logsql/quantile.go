package logsql

import (
	"sort"
)

// ranked is a value that is compared often.
type ranked struct {
	text    string
	number  float64
	numeric bool
}

func rankedOf(v string) ranked {
	n, ok := number(v)
	return ranked{v, n, ok}
}

func (a ranked) less(b ranked) bool {
	if a.numeric && b.numeric {
		return a.number < b.number
	}
	return natural(a.text, b.text)
}

func newQuantile(phi float64, each making) reduction {
	var all []ranked
	return each(func(v string) { all = append(all, rankedOf(v)) }, func() string {
		if len(all) == 0 {
			return ""
		}
		sort.Slice(all, func(i, j int) bool { return all[i].less(all[j]) })
		return all[min(int(phi*float64(len(all))), len(all)-1)].text
	})
}
