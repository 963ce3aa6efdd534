package row

import (
	"strconv"
	"strings"
)

// ParseStream reads the labels of a stream: {name="value",...}. What cannot be
// read is left out.
func ParseStream(stream string) map[string]string {
	labels := map[string]string{}
	rest := strings.TrimSuffix(strings.TrimPrefix(stream, "{"), "}")
	for rest != "" {
		name, after, ok := streamName(rest)
		if !ok {
			return labels
		}
		quoted, err := strconv.QuotedPrefix(after)
		if err != nil {
			return labels
		}
		// QuotedPrefix has checked it.
		labels[name], _ = strconv.Unquote(quoted)
		rest = strings.TrimLeft(after[len(quoted):], ", ")
	}
	return labels
}

func streamName(s string) (name, rest string, ok bool) {
	if quoted, err := strconv.QuotedPrefix(s); err == nil {
		name, _ = strconv.Unquote(quoted)
		rest, ok = strings.CutPrefix(s[len(quoted):], "=")
		return name, rest, ok
	}
	return strings.Cut(s, "=")
}
