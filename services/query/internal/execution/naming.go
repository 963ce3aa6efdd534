package execution

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/platformbuilds/mirador-core/services/query/internal/definitions"
	"github.com/platformbuilds/mirador-core/services/query/internal/metricsql"
	"github.com/platformbuilds/mirador-core/services/query/internal/splice"
)

// wanted joins what the query names with what the answer shows: labels of the
// metrics, and metrics where the query names none.
func wanted(q *metricsql.Query, facts splice.Facts) definitions.Wanted {
	names := q.Names()
	w := definitions.Wanted{Metrics: names.Metrics, Labels: names.Labels, Shared: names.Shared}
	for _, seen := range facts.Sample {
		seen.Labels = slices.DeleteFunc(slices.Clone(seen.Labels), metricsql.IsTenantLabel)
		switch _, known := names.Labels[seen.Name]; {
		case seen.Name == "":
			w.Shared = append(w.Shared, seen.Labels...)
		case known || names.Open:
			w.Add(seen.Name, seen.Labels)
		}
	}
	return w
}

// subject tells all that wanted and its options depend on. Each part carries
// its length, so that no content of a part looks like the border to the next.
func subject(canonical string, d Definitions, sample []splice.Metric) string {
	b := make([]byte, 0, 512)
	part := func(text string) { b = append(append(strconv.AppendInt(b, int64(len(text)), 10), ':'), text...) }
	part(canonical)
	part(strconv.FormatBool(d.Minimal))
	for _, key := range d.LabelKeys {
		part(key)
	}
	for _, seen := range sample {
		b = append(b, '|')
		part(seen.Name)
		for _, label := range seen.Labels {
			part(label)
		}
	}
	return string(b)
}

// params of the cache key.
func (d Definitions) params() []string {
	return []string{strconv.FormatBool(d.Off), strconv.FormatBool(d.Minimal), strings.Join(d.LabelKeys, "\x00")}
}

// appendText writes a JSON string.
func appendText(dst []byte, s string) []byte {
	raw, err := json.Marshal(s)
	if err != nil {
		return append(dst, `""`...)
	}
	return append(dst, raw...)
}
