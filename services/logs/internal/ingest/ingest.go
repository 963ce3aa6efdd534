// Package ingest makes lines that VictoriaLogs keeps out of events that callers
// send. VictoriaLogs answers with success whatever becomes of a line, so what it
// would lose or garble is refused here, with a reason, before it is sent.
package ingest

import (
	"errors"
	"time"

	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
)

// The bounds of one event. The last two are VictoriaLogs' own, beyond which it
// drops the line, and sometimes the next one.
const (
	// MaxDepth of nested objects and arrays.
	MaxDepth = 32
	// MaxName is the longest name of a field after flattening, in bytes.
	MaxName = 128
	// MaxFields after flattening, with those that are stamped on.
	MaxFields = 1000
	// MaxLine is the longest line to send, in bytes.
	MaxLine = 256 << 10
)

// The names that are stamped on every event.
const (
	TenantField = "tenant_id"
	StoredBy    = "stored_by"
	EventTime   = "event_time"
	service     = "service"
	// Self is the value of StoredBy.
	Self = "mirador-core"
)

// The reasons for which an event is refused.
var (
	ErrSyntax     = errors.New("not valid JSON")
	ErrNotObject  = errors.New("not a JSON object")
	ErrEmpty      = errors.New("the event has no fields with a value")
	ErrDepth      = errors.New("nested more than 32 levels deep")
	ErrDuplicate  = errors.New("two values for one field")
	ErrFields     = errors.New("more than 1000 fields")
	ErrLineLong   = errors.New("longer than 256 KiB")
	ErrNameLong   = errors.New("a field name is longer than 128 bytes")
	ErrNotUnicode = errors.New("not valid UTF-8")
)

// StreamFields make up the stream of stored events.
func StreamFields() []string { return []string{service, "type", StoredBy} }

// Refusal is an event that is not kept.
type Refusal struct {
	// Line of the event, from 1: its line, or its place in an array.
	Line int
	// Reason for people.
	Reason string
}

// Batch is what became of a body.
type Batch struct {
	// Body to send: one JSON object a line.
	Body []byte
	// Accepted counts its lines.
	Accepted int
	// Refused events.
	Refused []Refusal
}

// Stamp is what the server knows of the events.
type Stamp struct {
	// Tenant that they belong to.
	Tenant string
	// Time of the first; each next one is a nanosecond later, to keep the order.
	Time time.Time
}

// Prepare turns a body into lines. The body is one JSON object, an array of
// them, or one a line; `{"event":{...}}` is the event within.
func Prepare(body []byte, contentType string, stamp Stamp) Batch {
	var b Batch
	split(body, contentType, func(line int, raw []byte, err error) {
		if err == nil {
			err = b.add(raw, stamp)
		}
		if err != nil {
			b.Refused = append(b.Refused, Refusal{Line: line, Reason: err.Error()})
		}
	})
	return b
}

func (b *Batch) add(raw []byte, stamp Stamp) error {
	raw = inner(raw)
	fields, err := Flatten(raw)
	if err != nil {
		return err
	}
	at := stamp.Time.Add(time.Duration(b.Accepted)).UTC().Format(time.RFC3339Nano)
	fields, err = stamped(fields, stamp.Tenant, at, raw)
	if err != nil {
		return err
	}
	before := len(b.Body)
	b.Body = appendLine(b.Body, fields)
	if len(b.Body)-before > MaxLine {
		b.Body = b.Body[:before]
		return ErrLineLong
	}
	b.Accepted++
	return nil
}

func appendLine(dst []byte, fields []Field) []byte {
	separator := byte('{')
	for _, f := range fields {
		dst = append(dst, separator)
		separator = ','
		dst = row.AppendString(dst, f.Name)
		dst = append(dst, ':')
		dst = row.AppendString(dst, f.Value)
	}
	return append(dst, '}', '\n')
}
