package logsql

import (
	"slices"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// Record is one row on its way through the pipes: a stored row, or the fields
// that a pipe made of it. It is only good during a call, its strings stay.
type Record struct {
	// Fields are all fields of a made record; of a stored one, whose Row is
	// set, _time, _stream and _stream_id come on top.
	Fields []store.Field
	// Row is the stored row that nothing was changed of, or nil.
	Row    *store.Row
	tenant store.Tenant
	stream *store.Stream // where the record comes from, if known
	buf    []store.Field
	id     string // of the stream idOf
	idOf   *store.Stream
}

const (
	fieldTime     = "_time"
	fieldStream   = "_stream"
	fieldStreamID = "_stream_id"
	fieldMsg      = "_msg"
)

// of makes r the stored row.
func (r *Record) of(row *store.Row) {
	r.Row, r.stream, r.Fields = row, row.Stream, row.Fields
}

// Get returns the value of a field, "" when there is none; of a name that
// stands twice the first counts.
func (r *Record) Get(name string) string {
	if r.Row != nil && name != "" && name[0] == '_' {
		switch name {
		case fieldTime:
			return FormatTime(r.Row.Time)
		case fieldStream:
			return r.Row.Stream.Text
		case fieldStreamID:
			return r.streamID()
		}
	}
	for i := range r.Fields {
		if r.Fields[i].Name == name {
			return r.Fields[i].Value
		}
	}
	return ""
}

// Time returns _time in unix nanoseconds.
func (r *Record) Time() (int64, bool) {
	if r.Row != nil {
		return r.Row.Time, true
	}
	t, err := time.Parse(time.RFC3339Nano, r.Get(fieldTime))
	return t.UnixNano(), err == nil
}

// All returns every field, those of a stored row's own included, the message
// first of the others. The slice is the record's.
func (r *Record) All() []store.Field {
	if r.Row == nil {
		return r.Fields
	}
	r.buf = append(r.buf[:0], store.Field{Name: fieldTime, Value: FormatTime(r.Row.Time)},
		store.Field{Name: fieldStreamID, Value: r.streamID()}, store.Field{Name: fieldStream, Value: r.Row.Stream.Text})
	at := message(r.Fields)
	if at >= 0 {
		r.buf = append(r.buf, r.Fields[at])
	}
	for i, f := range r.Fields {
		if i != at {
			r.buf = append(r.buf, f)
		}
	}
	return r.buf
}

func message(all fields) int {
	return slices.IndexFunc(all, func(f field) bool { return f.Name == fieldMsg })
}

// streamID remembers the last one: neighbours are often of one stream.
func (r *Record) streamID() string {
	if r.idOf != r.stream {
		r.idOf, r.id = r.stream, r.stream.ID(r.tenant)
	}
	return r.id
}

// change makes the fields the record's own, for pipes that set some.
func (r *Record) change() {
	if r.Row != nil {
		r.Fields, r.Row = r.All(), nil
	}
}

// set gives a field a value, in its place or at the end.
func (r *Record) set(name, value string) {
	r.change()
	for i := range r.Fields {
		if r.Fields[i].Name == name {
			r.Fields[i].Value = value
			return
		}
	}
	r.Fields = append(r.Fields, store.Field{Name: name, Value: value})
}

// remove drops the fields that the pattern names.
func (r *Record) remove(match func(name string) bool) {
	r.change()
	r.Fields = slices.DeleteFunc(r.Fields, func(f store.Field) bool { return match(f.Name) })
}

// clone is a record that may be kept.
func (r *Record) clone() *Record {
	return &Record{Fields: slices.Clone(r.All()), tenant: r.tenant, stream: r.stream}
}

// field and fields are short for those of the store.
type (
	field  = store.Field
	fields = []store.Field
)
