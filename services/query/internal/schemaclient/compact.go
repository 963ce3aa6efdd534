package schemaclient

import (
	"encoding/json"
)

// compact writes JSON without blanks and with sorted keys, so that equal
// definitions give equal bytes; protojson varies its blanks on purpose.
func compact(raw []byte) []byte {
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return nil
	}
	out, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	return out
}
