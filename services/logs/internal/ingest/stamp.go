package ingest

import (
	"bytes"
	"encoding/json"
	"slices"
	"unicode/utf8"

	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
)

// maxMessage of an event that brings none and is its own message, in bytes.
const maxMessage = 32 << 10

// stamped sets what the server says of an event and drops what only the server
// may say. The time that the event brought is kept under another name.
func stamped(fields []Field, tenant, at string, raw []byte) ([]Field, error) {
	out := make([]Field, 0, len(fields)+6)
	out = append(out, Field{row.Time, at}, Field{row.Message, message(fields, raw)},
		Field{TenantField, tenant}, Field{StoredBy, Self})
	if name := first(fields, service, "component", "service.name"); name != "" && first(fields, service) == "" {
		out = append(out, Field{service, name})
	}
	if given := first(fields, row.Time); given != "" && first(fields, EventTime) == "" {
		out = append(out, Field{EventTime, given})
	}
	for _, f := range fields {
		if !reserved(f.Name) {
			out = append(out, f)
		}
	}
	if len(out) > MaxFields {
		return nil, ErrFields
	}
	return out, nil
}

func reserved(name string) bool {
	return slices.Contains([]string{row.Time, row.Message, row.Stream, row.StreamID, TenantField, StoredBy}, name)
}

// message of the event; an event without one is its own.
func message(fields []Field, raw []byte) string {
	if m := first(fields, row.Message, "message", "msg", "type"); m != "" {
		return m
	}
	var compact bytes.Buffer
	// The event has been read: it is valid.
	_ = json.Compact(&compact, raw)
	text := compact.String()
	if len(text) <= maxMessage {
		return text
	}
	end := maxMessage
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// first gives the value of the first of the names that is there.
func first(fields []Field, names ...string) string {
	for _, name := range names {
		for _, f := range fields {
			if f.Name == name {
				return f.Value
			}
		}
	}
	return ""
}
