package streamed

import (
	"slices"
	"strconv"
	"strings"

	"github.com/platformbuilds/mirador-core/gateway/internal/route"
	"github.com/platformbuilds/mirador-core/libs/fault"
)

// MediaTypes of a format, its own first.
func MediaTypes(format string) []string {
	switch format {
	case "json":
		return []string{"application/json"}
	case "ndjson":
		return []string{"application/x-ndjson", "application/ndjson", "application/jsonl", "application/stream+json"}
	case "csv":
		return []string{"text/csv"}
	case "parquet":
		return []string{"application/vnd.apache.parquet"}
	}
	return nil
}

// choose picks the row's format that the Accept header likes best; of several
// that it likes equally, the first of the row. No header means the default.
func choose(r *route.Row, accept string) (string, error) {
	if strings.TrimSpace(accept) == "" {
		return r.Formats[0], nil
	}
	ranges := parseAccept(accept)
	best, weight := "", 0.0
	for _, format := range r.Formats {
		if q := liking(ranges, format); q > weight {
			best, weight = format, q
		}
	}
	if best == "" {
		return "", notAcceptable(r)
	}
	return best, nil
}

func notAcceptable(r *route.Row) error {
	f := fault.New(fault.CodeNotAcceptable, "Not acceptable")
	var types []string
	for _, format := range r.Formats {
		types = append(types, MediaTypes(format)[0])
		f = f.WithSuggestion("send the header Accept: %s", MediaTypes(format)[0])
	}
	return f.WithDetail("this route answers with %s", strings.Join(types, ", "))
}

// mediaRange is one item of an Accept header.
type mediaRange struct {
	kind, sub string
	weight    float64
}

// maxRanges bounds what is read of an Accept header.
const maxRanges = 32

// parseAccept reads an Accept header (RFC 9110 12.5.1); items that are none
// are left out, and so are parameters other than the weight.
func parseAccept(header string) []mediaRange {
	var ranges []mediaRange
	for item := range strings.SplitSeq(header, ",") {
		full, params, _ := strings.Cut(item, ";")
		kind, sub, ok := strings.Cut(strings.ToLower(strings.TrimSpace(full)), "/")
		if !ok || kind == "" || sub == "" || kind == "*" && sub != "*" {
			continue
		}
		if ranges = append(ranges, mediaRange{kind, sub, quality(params)}); len(ranges) == maxRanges {
			break
		}
	}
	return ranges
}

// quality reads the weight of an item; one that cannot be read counts as a
// refusal.
func quality(params string) float64 {
	for p := range strings.SplitSeq(params, ";") {
		name, text, _ := strings.Cut(strings.TrimSpace(p), "=")
		if !strings.EqualFold(strings.TrimSpace(name), "q") {
			continue
		}
		q, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || !(q >= 0 && q <= 1) {
			return 0
		}
		return q
	}
	return 1
}

// liking is the weight of the most specific range that a format fits.
func liking(ranges []mediaRange, format string) float64 {
	weight, level := 0.0, 0
	for _, r := range ranges {
		if l := r.fits(format); l > level || l == level && l > 0 && r.weight > weight {
			weight, level = r.weight, l
		}
	}
	return weight
}

// fits tells how closely a range names a format: 3 by its type, 2 by its kind,
// 1 as anything, 0 not at all.
func (r mediaRange) fits(format string) int {
	if r.kind == "*" {
		return 1
	}
	types := MediaTypes(format)
	switch {
	case slices.Contains(types, r.kind+"/"+r.sub):
		return 3
	case r.sub == "*" && len(types) > 0 && strings.HasPrefix(types[0], r.kind+"/"):
		return 2
	}
	return 0
}
