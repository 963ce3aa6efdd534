package live

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// Whatever stands in a frame, the envelope is one JSON object on one line, and
// an event has exactly its own lines.
func FuzzFrame(f *testing.F) {
	f.Add("2026-01-01T00:00:00Z", "demo", `{"a":"b"}`)
	f.Add("1\ndata: x", "te\"n\\ant\x00\u2028", "{\"a\":\n1}")
	f.Fuzz(func(t *testing.T, at, tenant, data string) {
		if !json.Valid([]byte(data)) || !utf8.ValidString(at+tenant) {
			return
		}
		row := frame{frameRow, []byte(data), at, at}
		var m struct {
			Type, Timestamp string
			Tenant          string `json:"tenant_id"`
			Data            json.RawMessage
		}
		b := row.appendJSON(nil, tenant)
		if err := json.Unmarshal(b, &m); err != nil || m.Type != "row" || m.Timestamp != at || m.Tenant != tenant {
			t.Fatalf("%s: %+v, %v", b, m, err)
		}
		if bytes.ContainsAny(b, "\r\n") {
			t.Fatalf("more than one line: %q", b)
		}
		event := string(row.appendEvent(nil, tenant))
		lines := 2 // event, data
		if at != "" {
			lines++
		}
		if strings.Count(event, "\n") != lines+1 || !strings.HasSuffix(event, "\n\n") || strings.Contains(event, "\r") {
			t.Fatalf("%q", event)
		}
	})
}

// A message of a client is a filter or a fault, never both and never neither.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"type":"filter","query":"a","sampling":2}`))
	f.Add([]byte(`{"type":"filter","query":null}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, message []byte) {
		c := parse(message)
		if (c.request == nil) == (c.fault == nil) {
			t.Fatalf("%+v", c)
		}
		if c.request != nil && c.request.GetSampling() < 0 {
			t.Fatalf("sampling %d", c.request.GetSampling())
		}
	})
}
