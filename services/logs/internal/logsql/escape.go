package logsql

import (
	"strconv"
	"time"
)

// Quote writes a value as a string of LogsQL. It is the one way in which text
// from outside comes into a query.
func Quote(value string) string { return strconv.Quote(value) }

// Exact is a filter for rows whose field is the value; for the empty value,
// rows without the field.
func Exact(field, value string) string { return Quote(field) + ":=" + Quote(value) }

// Phrase is a filter for rows whose field has the words in this order.
func Phrase(field, value string) string { return Quote(field) + ":" + Quote(value) }

// Between is a filter for rows from start to end, of which end itself is
// exact to the nanosecond: the back end widens an end in whole seconds.
func Between(start, end time.Time) string {
	return "_time:[" + stamp(start) + ", " + stamp(end.Add(1)) + ")"
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
