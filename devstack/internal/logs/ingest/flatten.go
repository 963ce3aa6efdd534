package ingest

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// errNoObject says that a text is not one JSON object.
var errNoObject = errors.New("expecting a JSON object")

// Flatten appends the members of one JSON object: those of nested objects
// with dots between the names, arrays as JSON text, numbers and booleans as
// their text. null, {} and "" leave no field. A name that stands twice is
// returned twice.
func Flatten(object []byte, into []Field) ([]Field, error) {
	if !json.Valid(object) {
		return into, errNoObject
	}
	w := walker{text: string(object), fields: into}
	w.blank()
	if w.text[w.at] != '{' {
		return into, errNoObject
	}
	w.object("")
	return w.fields, nil
}

// walker goes through text that is known to be valid JSON.
type walker struct {
	text   string
	at     int
	fields []Field
}

func (w *walker) blank() {
	for strings.IndexByte(" \t\r\n", w.text[w.at]) >= 0 {
		w.at++
	}
}

func (w *walker) object(prefix string) {
	for w.at++; ; w.at++ { // over the brace, then over each comma
		if w.blank(); w.text[w.at] == '"' {
			name := prefix + w.str()
			w.blank()
			w.at++ // the colon
			w.blank()
			w.value(name)
			w.blank()
		}
		if w.text[w.at] == '}' {
			w.at++
			return
		}
	}
}

func (w *walker) value(name string) {
	switch w.text[w.at] {
	case '{':
		w.object(name + ".")
	case '[':
		w.add(name, compact(w.array()))
	case '"':
		w.add(name, w.str())
	default:
		if literal := w.literal(); literal != "null" {
			w.add(name, literal)
		}
	}
}

func (w *walker) add(name, value string) {
	if value == "" {
		return
	}
	if name == "" {
		name = msgField
	}
	w.fields = append(w.fields, Field{Name: name, Value: value})
}

func (w *walker) str() string {
	start := w.at
	for w.at++; w.text[w.at] != '"'; w.at++ {
		if w.text[w.at] == '\\' {
			w.at++
		}
	}
	w.at++
	raw := w.text[start:w.at]
	if strings.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1]
	}
	var s string
	_ = json.Unmarshal([]byte(raw), &s) // it is valid
	return s
}

func (w *walker) array() string {
	start, depth := w.at, 0
	for {
		switch w.text[w.at] {
		case '"':
			w.str()
			continue
		case '[':
			depth++
		case ']':
			depth--
		}
		if w.at++; depth == 0 {
			return w.text[start:w.at]
		}
	}
}

func (w *walker) literal() string {
	start := w.at
	for strings.IndexByte(",}] \t\r\n", w.text[w.at]) < 0 {
		w.at++
	}
	return w.text[start:w.at]
}

func compact(array string) string {
	var b bytes.Buffer
	_ = json.Compact(&b, []byte(array)) // it is valid
	return b.String()
}
