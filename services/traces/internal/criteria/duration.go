package criteria

import (
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/libs/timeparam"
)

// duration reads 100ms, 1.5s, 500us or 1m30s. A number without a unit is
// refused: clients disagree on whether it means micro-, milliseconds or
// seconds. "" and 0 are no bound.
func (r Reader) duration(field, text string) (time.Duration, error) {
	if text == "" || strings.Trim(text, "0.") == "" {
		return 0, nil
	}
	if strings.Trim(text, "0123456789.") == "" {
		return 0, r.refuse(field, "needs a unit, such as "+text+"ms")
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		d, err = timeparam.ParseDuration(text)
	}
	if err != nil || d < 0 {
		return 0, r.refuse(field, "is not a duration such as 100ms or 1.5s")
	}
	// The back end counts in microseconds; less is not none.
	return max(d.Truncate(time.Microsecond), time.Microsecond), nil
}

// Timeout reads how long a client will wait; it is capped by most, which is
// also what "" means.
func (r Reader) Timeout(text string, most time.Duration) (time.Duration, error) {
	if text == "" {
		return most, nil
	}
	d, err := timeparam.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, r.refuse("timeout", "is not a duration such as 10s")
	}
	return min(d, most), nil
}
