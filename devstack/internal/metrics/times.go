package metrics

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/VictoriaMetrics/metricsql"
)

// parseTime reads a Unix time (seconds to nanoseconds, told apart by size), a
// date or a part of one, "now", or a time relative to now. The result is in
// Unix milliseconds.
func parseTime(text string, now time.Time) (int64, error) {
	if len(text) != 4 {
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return unixMillis(f), nil
		}
	}
	if t, ok := parseDate(text); ok {
		return t.UnixMilli(), nil
	}
	return parseRelative(text, now)
}

func unixMillis(f float64) int64 {
	switch size := math.Abs(f); {
	case size < 1e11:
		f *= 1e3
	case size < 1e14:
	case size < 1e17:
		f /= 1e3
	default:
		f /= 1e6
	}
	if math.Abs(f) > math.MaxInt64/2 || math.IsNaN(f) {
		return 0
	}
	return int64(math.Round(f))
}

func parseDate(text string) (time.Time, bool) {
	for _, layout := range []string{
		time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04",
		"2006-01-02T15", "2006-01-02", "2006-01", "2006",
	} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func parseRelative(text string, now time.Time) (int64, error) {
	rest := strings.TrimPrefix(text, "now")
	if rest == "" && text != "" {
		return now.UnixMilli(), nil
	}
	ms, err := metricsql.DurationValue(strings.TrimLeft(rest, "+-"), 0)
	if err != nil {
		return 0, fmt.Errorf("cannot parse duration %q", text)
	}
	if strings.HasPrefix(rest, "+") {
		return now.UnixMilli() + ms, nil
	}
	return now.UnixMilli() - ms, nil
}
