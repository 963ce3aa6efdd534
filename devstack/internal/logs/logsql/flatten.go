package logsql

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// unpackJSON flattens an object: nested names get dots, lists stay JSON text.
func unpackJSON(text string) []store.Field {
	if !strings.HasPrefix(strings.TrimSpace(text), "{") {
		return nil
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	fields, err := flatten(d, "", nil)
	if err != nil {
		return nil
	}
	return fields
}

// flatten reads one value; name is what it is called.
func flatten(d *json.Decoder, name string, all []store.Field) ([]store.Field, error) {
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return nil, err
	}
	switch raw[0] {
	case '{':
		return flattenObject(raw, name, all)
	case '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return append(all, store.Field{Name: name, Value: s}), err
	case 'n':
		return all, nil
	case '[':
		var b bytes.Buffer
		if err := json.Compact(&b, raw); err != nil {
			return nil, err
		}
		return append(all, store.Field{Name: name, Value: b.String()}), nil
	}
	return append(all, store.Field{Name: name, Value: string(raw)}), nil
}

func flattenObject(raw json.RawMessage, name string, all []store.Field) ([]store.Field, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if name != "" {
		name += "."
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		if all, err = flatten(d, name+key.(string), all); err != nil {
			return nil, err
		}
	}
	return all, nil
}
