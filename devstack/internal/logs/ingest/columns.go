package ingest

import (
	"slices"
	"strings"
	"time"
)

const (
	msgField  = "_msg"
	timeField = "_time"
	// missingMsg stands in every row that comes without a message.
	missingMsg = "missing _msg field; see https://docs.victoriametrics.com/victorialogs/keyconcepts/#message-field"
	// maxFields and maxName bound a row; a larger one is dropped.
	maxFields = 1000
	maxName   = 128
)

// Columns says which fields of a record mean what.
type Columns struct {
	Time   []string // the first that a record has is its time; default _time
	Msg    []string // the first that a record has becomes _msg
	Stream []string // their values name the stream
	Ignore []string // left out; name* means a prefix
	Extra  []Field  // set in every row, instead of its own
	Debug  bool     // read and forget
}

// Row makes a row of a record's fields; ok is false when it must be dropped:
// an unreadable time, too many fields, too long a name. It may reuse fields.
func (c Columns) Row(fields []Field, now time.Time, streams *Streams) (row Row, ok bool) {
	at, fields, err := c.takeTime(fields, now)
	if err != nil {
		return Row{}, false
	}
	return c.rowAt(at, fields, streams)
}

// rowAt makes a row of fields whose time is known.
func (c Columns) rowAt(at int64, fields []Field, streams *Streams) (row Row, ok bool) {
	fields = c.override(c.nameMsg(fields))
	if len(fields) > maxFields || slices.ContainsFunc(fields, longName) {
		return Row{}, false
	}
	labels := make([]Field, 0, len(c.Stream))
	for _, name := range c.Stream {
		if value := get(fields, name); value != "" {
			labels = append(labels, Field{Name: name, Value: value})
		}
	}
	return Row{Time: at, Stream: streams.Of(labels), Fields: fields}, true
}

func longName(f Field) bool { return len(f.Name) > maxName }

// takeTime cuts the time out of the fields.
func (c Columns) takeTime(fields []Field, now time.Time) (int64, []Field, error) {
	names := c.Time
	if len(names) == 0 {
		names = []string{timeField}
	}
	for _, name := range names {
		if i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == name }); i >= 0 {
			at, err := stamp(fields[i].Value, now)
			return at, slices.Delete(fields, i, i+1), err
		}
	}
	return now.UnixNano(), fields, nil
}

// nameMsg calls the message _msg and adds one when there is none.
func (c Columns) nameMsg(fields []Field) []Field {
	for _, name := range c.Msg {
		if i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == name }); i >= 0 {
			fields[i].Name = msgField
			return fields
		}
	}
	if get(fields, msgField) == "" {
		fields = append(fields, Field{Name: msgField, Value: missingMsg})
	}
	return fields
}

// override leaves out what is ignored and sets the extra fields.
func (c Columns) override(fields []Field) []Field {
	if len(c.Ignore) == 0 && len(c.Extra) == 0 {
		return fields
	}
	fields = slices.DeleteFunc(fields, func(f Field) bool {
		return ignored(c.Ignore, f.Name) || slices.ContainsFunc(c.Extra, func(x Field) bool { return x.Name == f.Name })
	})
	return append(fields, c.Extra...)
}

func ignored(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool {
		prefix, wild := strings.CutSuffix(n, "*")
		return n == name || wild && strings.HasPrefix(name, prefix)
	})
}

func get(fields []Field, name string) string {
	for _, f := range fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}
