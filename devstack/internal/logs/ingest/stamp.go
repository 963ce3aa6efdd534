package ingest

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

var errBadTime = errors.New("cannot parse timestamp")

// stamp reads a time as nanoseconds since 1970: RFC 3339 with T or a blank,
// without a zone in UTC, or a Unix time whose size tells seconds, milli-,
// micro- and nanoseconds apart. "" and "0" mean now.
func stamp(text string, now time.Time) (int64, error) {
	if text == "" || text == "0" {
		return now.UnixNano(), nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return nanos(n), nil
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && math.Abs(f) < 1<<31 {
		return int64(math.Round(f*1e6)) * 1e3, nil
	}
	return rfc3339(text)
}

// nanos tells the unit of a Unix time by its size.
func nanos(n int64) int64 {
	for _, unit := range []int64{1e9, 1e6, 1e3} {
		if limit := (int64(1) << 31) * (1e9 / unit); n > -limit && n < limit {
			return n * unit
		}
	}
	return n
}

func rfc3339(text string) (int64, error) {
	if len(text) > 10 && text[10] == ' ' {
		text = text[:10] + "T" + text[11:]
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t, err = time.Parse("2006-01-02T15:04:05", strings.TrimSpace(text))
	}
	if err != nil || t.Year() < 1678 || t.Year() > 2261 { // what nanoseconds can hold
		return 0, errBadTime
	}
	return t.UnixNano(), nil
}
