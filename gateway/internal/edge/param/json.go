package param

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

// Members turns the members of a JSON object into parameters: texts, numbers
// and truth values stand for themselves, a list for the parameter repeated,
// null for nothing. An object inside is refused.
func Members(members map[string]json.RawMessage) (Set, error) {
	var s Set
	for _, name := range slices.Sorted(maps.Keys(members)) {
		values, err := texts(name, members[name])
		if err != nil {
			return Set{}, err
		}
		for _, v := range values {
			s.pairs = append(s.pairs, Pair{name, v})
		}
	}
	return s, nil
}

func texts(name string, raw json.RawMessage) ([]string, error) {
	if raw[0] != '[' {
		return scalar("/"+name, raw)
	}
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return nil, wrongType("/" + name)
	}
	var values []string
	for i, item := range items {
		v, err := scalar(fmt.Sprintf("/%s/%d", name, i), item)
		if err != nil {
			return nil, err
		}
		values = append(values, v...)
	}
	return values, nil
}

func scalar(pointer string, raw json.RawMessage) ([]string, error) {
	switch raw[0] {
	case '"':
		text, err := unquote(raw)
		if err != nil {
			return nil, wrongType(pointer)
		}
		return []string{text}, nil
	case '{', '[':
		return nil, wrongType(pointer)
	case 'n':
		return nil, nil
	}
	return []string{string(raw)}, nil
}

func wrongType(pointer string) error {
	return fault.New(fault.CodeInvalidRequest, "Invalid request").WithField(pointer, "must be a text, a number or a list of these")
}

// unquote reads a JSON string. Those without escapes, or with none but quotes
// and backslashes, need no decoder.
func unquote(raw []byte) (string, error) {
	inner := raw[1 : len(raw)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner), nil
	}
	out := make([]byte, 0, len(inner))
	for i := 0; i < len(inner); i++ {
		if inner[i] == '\\' {
			if i++; inner[i] != '"' && inner[i] != '\\' && inner[i] != '/' {
				var text string
				err := json.Unmarshal(raw, &text)
				return text, err
			}
		}
		out = append(out, inner[i])
	}
	return string(out), nil
}
