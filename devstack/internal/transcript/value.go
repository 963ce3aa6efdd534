package transcript

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
)

// Text is a body that is no JSON.
type Text string

// Decode is the JSON value of a body, numbers as they are written, or its Text.
func Decode(body []byte) any {
	var v any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return Text(body)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Text(body)
	}
	return v
}

// Lines are the values of a body's lines, as Decode gives them, sorted.
func Lines(body []byte) (all []any) {
	for line := range bytes.Lines(bytes.TrimSpace(body)) {
		all = append(all, Decode(bytes.TrimSuffix(line, []byte("\n"))))
	}
	return Sorted(all)
}

// Sorted sorts the values in place by their JSON and returns them.
func Sorted(values []any) []any {
	slices.SortStableFunc(values, func(a, b any) int { return strings.Compare(encoded(a), encoded(b)) })
	return values
}

// Settled calls settle with every object in v, inner ones first, and returns
// v: settle drops what changes from run to run and sorts what has no order.
func Settled(v any, settle func(object map[string]any)) any {
	switch v := v.(type) {
	case map[string]any:
		for _, inner := range v {
			Settled(inner, settle)
		}
		settle(v)
	case []any:
		for _, inner := range v {
			Settled(inner, settle)
		}
	}
	return v
}

// SameJSON compares bodies as settled JSON values, or as text when they are none.
func SameJSON(got, want []byte, settle func(object map[string]any)) error {
	return Same(Settled(Decode(got), settle), Settled(Decode(want), settle))
}

// Same compares values of equal types deeply and shows the first place where
// their JSON differs; nil means the same.
func Same(got, want any) error {
	if reflect.DeepEqual(got, want) {
		return nil
	}
	g, w := encoded(got), encoded(want)
	at := 0
	for at < min(len(g), len(w)) && g[at] == w[at] {
		at++
	}
	from := max(0, at-60)
	return fmt.Errorf("body differs at %d: ...%.300s\nrecorded: ...%.300s", at, g[from:], w[from:])
}

func encoded(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}
