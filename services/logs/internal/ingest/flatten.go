package ingest

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// Field is one flat field.
type Field struct {
	// Name with dots for each level.
	Name string
	// Value as text; never empty.
	Value string
}

// Flatten makes the fields that VictoriaLogs makes of a JSON object: names of
// nested objects are joined with dots, arrays stay JSON, numbers and booleans
// become text as written, and null, {} and "" are no values. The error is one
// of this package's reasons.
func Flatten(raw []byte) ([]Field, error) {
	raw = bytes.TrimSpace(raw)
	switch {
	case !utf8.Valid(raw):
		return nil, ErrNotUnicode
	case deep(raw):
		return nil, ErrDepth
	case !json.Valid(raw):
		return nil, ErrSyntax
	case raw[0] != '{':
		return nil, ErrNotObject
	}
	f := flattener{seen: map[string]struct{}{}}
	if err := f.object("", raw); err != nil {
		return nil, err
	}
	if len(f.fields) == 0 {
		return nil, ErrEmpty
	}
	return f.fields, nil
}

type flattener struct {
	fields []Field
	seen   map[string]struct{}
}

func (f *flattener) object(prefix string, raw []byte) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	// The text is valid JSON and an object: no token fails.
	_, _ = d.Token()
	for d.More() {
		name, _ := d.Token()
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return ErrSyntax
		}
		text, _ := name.(string)
		if err := f.value(prefix+text, value); err != nil {
			return err
		}
	}
	return nil
}

func (f *flattener) value(name string, raw []byte) error {
	switch raw[0] {
	case '{':
		return f.object(name+".", raw)
	case '[':
		var compact bytes.Buffer
		if err := json.Compact(&compact, raw); err != nil {
			return ErrSyntax
		}
		return f.add(name, compact.String())
	case '"':
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return ErrSyntax
		}
		return f.add(name, text)
	case 'n':
		return nil
	}
	return f.add(name, string(raw))
}

// add keeps the field. Of one that is there twice VictoriaLogs would keep both,
// and readers would see one or the other.
func (f *flattener) add(name, value string) error {
	if _, found := f.seen[name]; found {
		return ErrDuplicate
	}
	f.seen[name] = struct{}{}
	switch {
	case len(name) > MaxName:
		return ErrNameLong
	case value == "":
		return nil
	case len(f.fields) == MaxFields:
		return ErrFields
	}
	f.fields = append(f.fields, Field{Name: name, Value: value})
	return nil
}

// deep tells whether brackets outside of texts are nested beyond the bound.
func deep(raw []byte) bool {
	depth, quoted := 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > MaxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}
