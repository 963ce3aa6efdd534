package config

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
)

const masked = "********"

// Print writes a configuration as YAML that Load reads again, apart from
// secrets and passwords within addresses, which are masked.
func Print[C any](w io.Writer, c C, service string) error {
	fields, err := fieldsOf(reflect.TypeOf(c), service)
	if err != nil {
		return err
	}
	slices.SortStableFunc(fields, func(a, b field) int {
		return slices.Compare(strings.Split(a.path, "."), strings.Split(b.path, "."))
	})
	// Two packages may read the same key.
	fields = slices.CompactFunc(fields, func(a, b field) bool { return a.path == b.path })
	var text strings.Builder
	var open []string
	for _, f := range fields {
		parts := strings.Split(f.path, ".")
		open = openSections(&text, open, parts)
		value := f.show(f.in(reflect.ValueOf(c)))
		fmt.Fprintf(&text, "%s%s: %s\n", indent(len(parts)-1), parts[len(parts)-1], value)
	}
	_, err = io.WriteString(w, text.String())
	return err
}

// openSections writes the section heads that a key needs beyond those open.
func openSections(text *strings.Builder, open, parts []string) []string {
	heads := parts[:len(parts)-1]
	same := 0
	for same < len(open) && same < len(heads) && open[same] == heads[same] {
		same++
	}
	for depth := same; depth < len(heads); depth++ {
		fmt.Fprintf(text, "%s%s:\n", indent(depth), heads[depth])
	}
	return heads
}

func indent(depth int) string { return strings.Repeat("  ", depth) }

// show prints a value in YAML's JSON subset, which needs no quoting rules.
func (f field) show(v reflect.Value) string {
	b, err := json.Marshal(f.plain(v))
	if err != nil {
		return `""`
	}
	return string(b)
}

// plain turns a value into what JSON prints readably, secrets masked.
func (f field) plain(v reflect.Value) any {
	switch {
	case f.secret && !v.IsZero():
		return masked
	case v.Type() == durationType:
		return time.Duration(v.Int()).String()
	case v.Kind() == reflect.Slice:
		items := make([]any, v.Len())
		for i := range items {
			items[i] = f.plain(v.Index(i))
		}
		return items
	case v.Kind() == reflect.Struct:
		return plainObject(v, f.service)
	case v.Kind() == reflect.String:
		return hidePassword(v.String())
	}
	return v.Interface()
}

func plainObject(v reflect.Value, service string) map[string]any {
	// The type was checked when the outermost struct was walked.
	fields, _ := fieldsOf(v.Type(), service)
	object := map[string]any{}
	for _, f := range fields {
		at := object
		parts := strings.Split(f.path, ".")
		for _, part := range parts[:len(parts)-1] {
			inner, ok := at[part].(map[string]any)
			if !ok {
				inner = map[string]any{}
				at[part] = inner
			}
			at = inner
		}
		at[parts[len(parts)-1]] = f.plain(f.in(v))
	}
	return object
}

var password = regexp.MustCompile(`(://[^/:@\s]*:)[^/@\s]+@`)

func hidePassword(text string) string {
	return password.ReplaceAllString(text, "${1}"+masked+"@")
}
