package logsql

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
)

// newHistogram counts in VictoriaMetrics' buckets: 18 to a power of ten.
func newHistogram(each making) reduction {
	hits := map[string]int{}
	return each(func(v string) {
		if x, ok := number(v); ok {
			hits[vmrange(x)]++
		}
	}, func() string {
		type entry struct {
			Range string `json:"vmrange"`
			Hits  int    `json:"hits"`
		}
		all := []entry{}
		for r, n := range hits {
			all = append(all, entry{r, n})
		}
		slices.SortFunc(all, func(a, b entry) int { return strings.Compare(a.Range, b.Range) })
		text, _ := json.Marshal(all)
		return string(text)
	})
}

func vmrange(x float64) string {
	switch {
	case x < 1e-9:
		return "0...1.000e-09"
	case x > 1e18:
		return "1.000e+18...+Inf"
	}
	at := (math.Log10(x) + 9) * 18
	i := math.Floor(at)
	if at == i && i > 0 {
		i--
	}
	edge := func(i float64) string { return strconv.FormatFloat(math.Pow(10, i/18-9), 'e', 3, 64) }
	return edge(i) + "..." + edge(i+1)
}
