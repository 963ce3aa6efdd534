// Package timeparam is the one parser of times and durations that clients
// send, so that every route understands the same forms and refuses the same
// mistakes. It is strict: what it cannot read for certain is a fault that
// names the field.
//
// Times: RFC 3339 with zone; the same cut short, read as UTC (2026-11-20,
// 2026-11-20T10:30, also with a zone); epoch seconds, also with a fraction;
// epoch milli-, micro- and nanoseconds, told apart by size; `now`; and
// durations before now (`now-1h`, `-1h`, `1h`).
//
// Durations: parts with a unit (`90s`, `1h30m`, `1.5h`, units ms s m h d w y)
// or plain seconds.
package timeparam

import (
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// The messages of faults; a caller with a message of its own replaces them.
const (
	msgTime     = "Invalid time"
	msgDuration = "Invalid duration"
)

// maxEcho bounds how much of a faulty value an answer repeats.
const maxEcho = 64

// Time reads the time in s; relative forms count from now. The fault of a bad
// value names field, a JSON pointer or a parameter.
func Time(field, s string, now time.Time) (time.Time, error) {
	t, err := ParseTime(s, now)
	if err != nil {
		return time.Time{}, refuse(msgTime, field, s, err,
			"use a form such as 2026-01-02T15:04:05Z, 1767366245 or now-1h")
	}
	return t, nil
}

// Duration reads the duration in s, which is never negative. The fault of a
// bad value names field, a JSON pointer or a parameter.
func Duration(field, s string) (time.Duration, error) {
	d, err := ParseDuration(s)
	if err != nil {
		return 0, refuse(msgDuration, field, s, err, "use a form such as 90s, 5m, 1h30m, 1d or plain seconds")
	}
	return d, nil
}

func refuse(message, field, s string, cause error, hint string) error {
	return fault.New(fault.CodeInvalidTime, message).
		WithField(field, "%q: %s; %s", clip(s), cause.Error(), hint)
}

func clip(s string) string {
	if len(s) <= maxEcho {
		return s
	}
	return s[:maxEcho] + "..."
}
