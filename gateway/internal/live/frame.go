package live

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
)

// The types of frames.
const (
	frameRow       = "row"
	frameHeartbeat = "heartbeat"
	frameStats     = "stats"
	frameFilter    = "filter"
	frameError     = "error"
)

// frame is one message to a client.
type frame struct {
	kind string
	// data is JSON.
	data []byte
	// at is the time of a row, RFC 3339. Frames of other kinds carry the time
	// they were made at.
	at string
	// id is the Place behind a row, where a resume begins; empty when the client
	// cannot name it.
	id string
}

// made is a frame of the server's own.
func made(kind string, now time.Time, data any) frame {
	b, err := json.Marshal(data)
	if err != nil {
		b = []byte("{}")
	}
	return frame{kind: kind, data: b, at: now.UTC().Format(time.RFC3339Nano)}
}

// appendJSON writes the envelope of the contract.
func (f frame) appendJSON(b []byte, tenant string) []byte {
	b = append(append(append(b, `{"type":"`...), f.kind...), `","data":`...)
	b = append(b, oneLine(f.data)...)
	if f.at != "" {
		b = appendText(append(b, `,"timestamp":`...), f.at)
	}
	return append(appendText(append(b, `,"tenant_id":`...), tenant), '}')
}

// appendText writes a JSON string; nearly all need no escape.
func appendText(b []byte, text string) []byte {
	if printable(text) == text && !strings.ContainsAny(text, `"\\`) {
		return append(append(append(b, '"'), text...), '"')
	}
	quoted, err := json.Marshal(text)
	if err != nil {
		return append(b, `""`...)
	}
	return append(b, quoted...)
}

// oneLine takes line ends out of JSON, where they are only blanks: they would
// end a server-sent event.
func oneLine(data []byte) []byte {
	if bytes.IndexByte(data, '\n') < 0 && bytes.IndexByte(data, '\r') < 0 {
		return data
	}
	var b bytes.Buffer
	if err := json.Compact(&b, data); err != nil {
		return []byte("null")
	}
	return b.Bytes()
}

// appendEvent writes the frame as a server-sent event.
func (f frame) appendEvent(b []byte, tenant string) []byte {
	if f.id != "" {
		b = append(append(append(b, "id: "...), printable(f.id)...), '\n')
	}
	b = append(append(append(b, "event: "...), f.kind...), "\ndata: "...)
	return append(f.appendJSON(b, tenant), "\n\n"...)
}

// printable keeps what cannot break a line.
func printable(text string) string {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return text[:i]
		}
	}
	return text
}
