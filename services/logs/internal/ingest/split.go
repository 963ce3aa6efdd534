package ingest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
)

// maxRaw is how long an event may be before it is looked into, in bytes: blanks
// between its members do not count for the line.
const maxRaw = 4 * MaxLine

// take gets one event, or why it is none.
type take func(line int, raw []byte, err error)

// split finds the events of a body.
func split(body []byte, contentType string, to take) {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	trimmed := bytes.TrimSpace(body)
	switch {
	case len(trimmed) == 0:
	case byLine(contentType):
		splitLines(body, to)
	case trimmed[0] == '[':
		splitArray(trimmed, to)
	case oneObject(trimmed):
		checked(1, trimmed, to)
	default:
		splitLines(body, to)
	}
}

// byLine tells whether the type says that each line is an event.
func byLine(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (kind == "application/x-ndjson" || kind == "application/stream+json")
}

// oneObject tells a single event, which may go over several lines, from one
// event a line: there the first line is complete.
func oneObject(body []byte) bool {
	line, _, more := bytes.Cut(body, []byte("\n"))
	return !more || !json.Valid(line)
}

func splitLines(body []byte, to take) {
	for n := 1; len(body) > 0; n++ {
		var line []byte
		line, body, _ = bytes.Cut(body, []byte("\n"))
		if line = bytes.TrimSpace(line); len(line) > 0 {
			checked(n, line, to)
		}
	}
}

// splitArray takes what stands before a mistake; what follows cannot be told
// apart.
func splitArray(body []byte, to take) {
	d := json.NewDecoder(bytes.NewReader(body))
	// The opening bracket was seen.
	_, _ = d.Token()
	n := 1
	for ; d.More(); n++ {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			to(n, nil, ErrSyntax)
			return
		}
		checked(n, raw, to)
	}
	if _, err := d.Token(); err != nil {
		to(n, nil, ErrSyntax)
		return
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		to(n, nil, ErrSyntax)
	}
}

func checked(line int, raw []byte, to take) {
	if len(raw) > maxRaw {
		to(line, nil, ErrLineLong)
		return
	}
	to(line, raw, nil)
}

// inner is the event within {"event":{...}}, when there is nothing beside it.
func inner(raw []byte) []byte {
	d := json.NewDecoder(bytes.NewReader(raw))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return raw
	}
	if name, err := d.Token(); err != nil || name != "event" {
		return raw
	}
	var event json.RawMessage
	if err := d.Decode(&event); err != nil || d.More() || event[0] != '{' {
		return raw
	}
	if _, err := d.Token(); err != nil || len(bytes.TrimSpace(raw[d.InputOffset():])) > 0 {
		return raw
	}
	return event
}
