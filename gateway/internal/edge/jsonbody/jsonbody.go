// Package jsonbody reads JSON bodies strictly: valid UTF-8, one value, nothing
// behind it, no key twice, bounded depth. Two readers that disagree about a
// body cannot be told apart afterwards, so what could be read in two ways is
// refused.
package jsonbody

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// MaxDepth of nested arrays and objects.
const MaxDepth = 32

// Fault says what is wrong with a body and where.
type Fault struct {
	// Pointer is a JSON pointer; empty means the whole body.
	Pointer string
	// Detail for people.
	Detail string
}

// Error gives both in one line.
func (f *Fault) Error() string {
	if f.Pointer == "" {
		return f.Detail
	}
	return f.Pointer + ": " + f.Detail
}

// Check returns a *Fault when the body is not one well-formed JSON value.
func Check(body []byte) error {
	if !utf8.Valid(body) {
		return &Fault{Detail: "the body is not UTF-8"}
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := value(d, "", 0); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return &Fault{Detail: "there is more than one value in the body"}
	}
	return nil
}

// Object checks the body and returns the members of the object that it must
// be; they are copies.
func Object(body []byte) (map[string]json.RawMessage, error) {
	if utf8.Valid(body) {
		if members, ok := flat(bytes.Clone(body)); ok {
			return members, nil
		}
	}
	if err := Check(body); err != nil {
		return nil, err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil || members == nil {
		return nil, &Fault{Detail: "the body must be a JSON object"}
	}
	return members, nil
}

func value(d *json.Decoder, at string, depth int) error {
	t, err := d.Token()
	if err != nil {
		return syntax(at, err)
	}
	if delim, ok := t.(json.Delim); ok {
		return nested(d, delim, at, depth+1)
	}
	return nil
}

func nested(d *json.Decoder, open json.Delim, at string, depth int) error {
	if depth > MaxDepth {
		return &Fault{at, fmt.Sprintf("nested deeper than %d levels", MaxDepth)}
	}
	var err error
	if open == '{' {
		err = object(d, at, depth)
	} else {
		err = array(d, at, depth)
	}
	if err != nil {
		return err
	}
	if _, err := d.Token(); err != nil {
		return syntax(at, err)
	}
	return nil
}

func object(d *json.Decoder, at string, depth int) error {
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return syntax(at, err)
		}
		key, _ := t.(string)
		member := at + "/" + escape(key)
		if seen[key] {
			return &Fault{member, "is given twice"}
		}
		seen[key] = true
		if err := value(d, member, depth); err != nil {
			return err
		}
	}
	return nil
}

func array(d *json.Decoder, at string, depth int) error {
	for i := 0; d.More(); i++ {
		if err := value(d, fmt.Sprintf("%s/%d", at, i), depth); err != nil {
			return err
		}
	}
	return nil
}

func syntax(at string, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &Fault{at, "the body ends too early"}
	}
	var s *json.SyntaxError
	if errors.As(err, &s) {
		return &Fault{at, fmt.Sprintf("not valid JSON at byte %d", s.Offset)}
	}
	return &Fault{at, "not valid JSON"}
}

// escape makes a key a part of a JSON pointer (RFC 6901).
func escape(key string) string {
	return strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
}
