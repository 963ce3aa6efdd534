package config

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// field is one leaf of a configuration struct.
type field struct {
	path           string
	index          []int
	typ            reflect.Type
	env            []string
	secret, reload bool
	unit           time.Duration
	doc            string
	service        string
}

// in returns the field within a value of the outermost struct.
func (f field) in(c reflect.Value) reflect.Value { return c.FieldByIndex(f.index) }

var durationType = reflect.TypeFor[time.Duration]()

// fieldsOf lists the leaves of a struct in declared order.
func fieldsOf(t reflect.Type, service string) ([]field, error) {
	if t == nil || t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("config: %v is not a struct", t)
	}
	return walk(t, field{service: service})
}

func walk(t reflect.Type, parent field) ([]field, error) {
	var out []field
	for i := range t.NumField() {
		sf := t.Field(i)
		if !sf.IsExported() && !sf.Anonymous || sf.Tag.Get("key") == "-" {
			continue
		}
		found, err := leaves(sf, parent, i)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

func leaves(sf reflect.StructField, parent field, i int) ([]field, error) {
	f, err := parent.child(sf, i)
	switch {
	case err != nil:
		return nil, err
	case sf.Type.Kind() == reflect.Struct:
		return walk(sf.Type, f)
	case sf.Tag.Get("key") == "":
		return nil, fmt.Errorf("config: field %s of %s has no key tag", sf.Name, f.path)
	}
	if err := supported(sf.Type); err != nil {
		return nil, fmt.Errorf("config: %s: %w", f.path, err)
	}
	return []field{f}, nil
}

func (f field) child(sf reflect.StructField, i int) (field, error) {
	unit, err := parseUnit(sf.Tag.Get("unit"))
	return field{
		path:    join(f.path, strings.ReplaceAll(sf.Tag.Get("key"), "{service}", f.service)),
		index:   append(append([]int(nil), f.index...), i),
		typ:     sf.Type,
		env:     split(sf.Tag.Get("env")),
		secret:  f.secret || sf.Tag.Get("secret") == "true",
		reload:  f.reload || sf.Tag.Get("reload") == "true",
		unit:    unit,
		doc:     sf.Tag.Get("doc"),
		service: f.service,
	}, err
}

func supported(t reflect.Type) error {
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Float64,
		reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return nil
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Struct {
			_, err := fieldsOf(t.Elem(), "")
			return err
		}
		return supported(t.Elem())
	}
	return fmt.Errorf("type %s is not supported: use a list of objects", t)
}

func parseUnit(unit string) (time.Duration, error) {
	switch unit {
	case "":
		return 0, nil
	case "ms":
		return time.Millisecond, nil
	case "s":
		return time.Second, nil
	case "m":
		return time.Minute, nil
	case "h":
		return time.Hour, nil
	}
	return 0, fmt.Errorf("config: unit %q is not one of ms, s, m, h", unit)
}

func join(parent, key string) string {
	if parent == "" || key == "" {
		return parent + key
	}
	return parent + "." + key
}

// split cuts a comma list and drops blanks and empty parts.
func split(list string) []string {
	var out []string
	for part := range strings.SplitSeq(list, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
