package metricsql

import "strings"

// CacheKey is the query without comments and with every run of blanks as one.
// It depends on the text alone, not on the parser: two texts share a key only
// if no server can tell them apart.
func CacheKey(text string) string {
	list, ok := tokens(text)
	if !ok {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	for i, t := range list {
		if t.gap && i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(t.text)
	}
	return b.String()
}
