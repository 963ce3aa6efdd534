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

// decode reads one JSON value; an empty cell is null.
func decode(cell string) (value any, err error) {
	if strings.TrimSpace(cell) == "" {
		return nil, nil
	}
	if err := strict(cell); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(cell), &value); err != nil {
		return nil, errJSON
	}
	return value, nil
}

// strict refuses deep nesting, members named twice and anything behind the
// value.
func strict(cell string) error {
	d := json.NewDecoder(strings.NewReader(cell))
	var open []*level
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errJSON
		}
		if open, err = next(open, t); err != nil {
			return err
		}
	}
}

// level is an object or an array that is not closed.
type level struct {
	members map[string]bool
	// value comes next, and not a name.
	value bool
}

func next(open []*level, t json.Token) ([]*level, error) {
	if t == json.Delim('}') || t == json.Delim(']') {
		return open[:len(open)-1], nil
	}
	if len(open) > 0 {
		if err := open[len(open)-1].see(t); err != nil {
			return nil, err
		}
	}
	switch t {
	case json.Delim('{'):
		open = append(open, &level{members: map[string]bool{}})
	case json.Delim('['):
		open = append(open, &level{})
	}
	if len(open) > maxDepth {
		return nil, errDeep
	}
	return open, nil
}

func (l *level) see(t json.Token) error {
	if l.members == nil {
		return nil
	}
	if name, ok := t.(string); ok && !l.value {
		if l.members[name] {
			return errTwice
		}
		l.members[name] = true
	}
	l.value = !l.value
	return nil
}
