// Package row is one log row as a back end sends it: a JSON object on one line.
// VictoriaLogs makes every value text; nested JSON of other servers is kept as
// its text. A row points into the line that it was parsed from.
package row

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/libs/timeparam"
)

// MaxLine is the longest line that is a row, in bytes.
const MaxLine = 4 << 20

// Names of VictoriaLogs' own fields.
const (
	Time     = "_time"
	Message  = "_msg"
	Stream   = "_stream"
	StreamID = "_stream_id"
)

// ErrSyntax is a line that is not one JSON object.
var ErrSyntax = errors.New("line is not a JSON object")

// ErrTooLong is a line above MaxLine.
var ErrTooLong = errors.New("line is too long")

// Field is one member of a row.
type Field struct {
	// Name of the field.
	Name string
	// raw is the value as JSON, a part of the line.
	raw []byte
}

// Text of the value: a string without quotes, anything else as JSON.
func (f Field) Text() string { return text(f.raw) }

// JSON is the value as it stands in the line.
func (f Field) JSON() []byte { return f.raw }

// IsText tells whether the value is a JSON string.
func (f Field) IsText() bool { return len(f.raw) > 0 && f.raw[0] == '"' }

// Row is one log row. The zero value is empty; Parse fills it again and again
// without allocating. It is valid until its line changes.
type Row struct {
	fields []Field
	// line is the whole object; nil when it must be written anew, because
	// members were left out.
	line  []byte
	names map[string]string
}

// Fields in the order of the line. The slice is the row's own.
func (r *Row) Fields() []Field { return r.fields }

// Get gives the text of a field.
func (r *Row) Get(name string) (string, bool) {
	for i := range r.fields {
		if r.fields[i].Name == name {
			return r.fields[i].Text(), true
		}
	}
	return "", false
}

// First gives the text of the first of the fields that has one.
func (r *Row) First(names ...string) string {
	for _, name := range names {
		if v, ok := r.Get(name); ok && v != "" {
			return v
		}
	}
	return ""
}

// Time of the row: _time, else ts, else timestamp, as RFC 3339 or a number of
// seconds, milli-, micro- or nanoseconds.
func (r *Row) Time() (time.Time, bool) {
	for _, name := range []string{Time, "ts", "timestamp"} {
		if v, ok := r.Get(name); ok {
			if t, ok := ParseTime(v); ok {
				return t, true
			}
		}
	}
	return time.Time{}, false
}

// ParseTime reads the time of a row: absolute forms only.
func ParseTime(v string) (time.Time, bool) {
	if t, err := time.Parse(time.RFC3339Nano, v); err == nil {
		return t.UTC(), true
	}
	if _, err := strconv.ParseFloat(v, 64); err != nil {
		return time.Time{}, false
	}
	t, err := timeparam.ParseTime(v, time.Time{})
	return t.UTC(), err == nil
}

// AppendJSON adds the row as one JSON object, without a line end. Of members
// with one name only the first is left: what follows is forged.
func (r *Row) AppendJSON(dst []byte) []byte {
	if r.line != nil {
		return append(dst, r.line...)
	}
	return appendFields(dst, r.fields)
}

// Canonical adds the row in the one form that equal rows have: members sorted
// by name. The back end sends them in any order.
func (r *Row) Canonical(dst []byte) []byte {
	sorted := slices.Clone(r.fields)
	slices.SortFunc(sorted, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
	return appendFields(dst, sorted)
}

// Clone gives a row that does not depend on the line.
func (r *Row) Clone() *Row {
	out := &Row{}
	// What was written by AppendJSON parses.
	_ = Parse(r.AppendJSON(nil), out)
	return out
}

func appendFields(dst []byte, fields []Field) []byte {
	dst = append(dst, '{')
	for i, f := range fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendString(dst, f.Name)
		dst = append(dst, ':')
		dst = append(dst, f.raw...)
	}
	return append(dst, '}')
}
