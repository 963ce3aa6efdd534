package bulk

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// maxDepth of JSON in a cell.
const maxDepth = 32

var (
	errJSON  = errors.New("must be JSON")
	errDeep  = fmt.Errorf("must not be nested deeper than %d", maxDepth)
	errTwice = errors.New("must not name a member twice")
	errWords = errors.New("must be a JSON array of texts, or an object of texts, numbers and truth values")
	errMap   = errors.New("must be a JSON object")
	errTruth = errors.New("must be true, 1, yes, false, 0, no or empty")
)

// words reads a cell with a list of texts: an array, or an object whose members
// become texts "key=value" in the order of their keys.
func words(cell string) ([]string, error) {
	value, err := decode(cell)
	if err != nil {
		return nil, err
	}
	switch v := value.(type) {
	case nil:
		return nil, nil
	case []any:
		return texts(v)
	case map[string]any:
		return pairs(v)
	}
	return nil, errWords
}

func texts(list []any) ([]string, error) {
	var out []string
	for _, item := range list {
		text, ok := item.(string)
		if !ok {
			return nil, errWords
		}
		out = append(out, text)
	}
	return out, nil
}

func pairs(members map[string]any) ([]string, error) {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(members)) {
		switch v := members[name].(type) {
		case string:
			out = append(out, name+"="+v)
		case bool:
			out = append(out, name+"="+strconv.FormatBool(v))
		case float64:
			out = append(out, name+"="+strconv.FormatFloat(v, 'f', -1, 64))
		default:
			return nil, errWords
		}
	}
	return out, nil
}

// object reads a cell with a free JSON object.
func object(cell string) (map[string]any, error) {
	value, err := decode(cell)
	if err != nil || value == nil {
		return nil, err
	}
	members, ok := value.(map[string]any)
	if !ok {
		return nil, errMap
	}
	return members, nil
}

// truth reads a cell with yes or no.
func truth(cell string) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(cell)) {
	case "true", "1", "yes":
		return true, nil
	case "false", "0", "no", "":
		return false, nil
	}
	return false, errTruth
}

// decode reads one JSON value; an empty cell is null. It refuses deep nesting,
// members named twice and anything behind the value.
func decode(cell string) (any, error) {
	if strings.TrimSpace(cell) == "" {
		return nil, nil
	}
	d := json.NewDecoder(strings.NewReader(cell))
	v, err := value(d, 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errJSON
	}
	return v, nil
}

func value(d *json.Decoder, depth int) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, errJSON
	}
	opening, nested := t.(json.Delim)
	switch {
	case !nested:
		return t, nil
	case depth == maxDepth:
		return nil, errDeep
	case opening == '[':
		return list(d, depth+1)
	}
	return members(d, depth+1)
}

func list(d *json.Decoder, depth int) (any, error) {
	out := []any{}
	for d.More() {
		v, err := value(d, depth)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, closed(d)
}

func members(d *json.Decoder, depth int) (any, error) {
	out := map[string]any{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, errJSON
		}
		name, _ := t.(string) // the decoder takes nothing else here
		if _, twice := out[name]; twice {
			return nil, errTwice
		}
		if out[name], err = value(d, depth); err != nil {
			return nil, err
		}
	}
	return out, closed(d)
}

// closed wants the end of a list or an object, which the decoder has seen to
// fit.
func closed(d *json.Decoder) error {
	if _, err := d.Token(); err != nil {
		return errJSON
	}
	return nil
}
