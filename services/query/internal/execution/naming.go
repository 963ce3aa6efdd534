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
