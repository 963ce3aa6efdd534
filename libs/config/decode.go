package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// decode sets a field from a raw value of a file, the environment or a flag.
func decode(raw any, into reflect.Value, unit time.Duration, service string) error {
	switch {
	case into.Type() == durationType:
		return decodeDuration(raw, into, unit)
	case into.Kind() == reflect.Slice:
		return decodeList(raw, into, unit, service)
	case into.Kind() == reflect.Struct:
		return decodeObject(raw, into, service)
	}
	return decodeScalar(raw, into)
}

func decodeScalar(raw any, into reflect.Value) error {
	text, err := scalarText(raw, into.Kind())
	if err != nil {
		return err
	}
	switch into.Kind() {
	case reflect.String:
		into.SetString(text)
		return nil
	case reflect.Bool:
		b, err := strconv.ParseBool(strings.ToLower(text))
		into.SetBool(b)
		return wrong(err, text, into.Type())
	case reflect.Float64:
		n, err := strconv.ParseFloat(text, 64)
		into.SetFloat(n)
		return wrong(err, text, into.Type())
	case reflect.Uint, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n, err := strconv.ParseUint(text, 10, into.Type().Bits())
		into.SetUint(n)
		return wrong(err, text, into.Type())
	}
	n, err := strconv.ParseInt(text, 10, into.Type().Bits())
	into.SetInt(n)
	return wrong(err, text, into.Type())
}

// scalarText prints a scalar as it stood in the source. A text written as a
// bare decimal number has lost its form (1.10 reads as 1.1), so it is refused.
func scalarText(raw any, want reflect.Kind) (string, error) {
	switch v := raw.(type) {
	case string:
		if want == reflect.String {
			return v, nil
		}
		return strings.TrimSpace(v), nil
	case bool, int, int64, uint64, json.Number:
		return fmt.Sprint(v), nil
	case float64:
		if want == reflect.String {
			return "", errors.New("want a text: put it in quotes")
		}
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	}
	return "", fmt.Errorf("want a single value, not %T", raw)
}

func wrong(err error, text string, t reflect.Type) error {
	if err != nil {
		return fmt.Errorf("want %s, not %q", typeName(t), text)
	}
	return nil
}

// decodeDuration takes "1m30s", or a bare number in the unit of the field.
func decodeDuration(raw any, into reflect.Value, unit time.Duration) error {
	text, err := scalarText(raw, into.Kind())
	if err != nil {
		return err
	}
	d, err := time.ParseDuration(text)
	if n, bare := strconv.ParseInt(text, 10, 64); bare == nil && unit > 0 {
		d, err = time.Duration(n)*unit, nil
		if d/unit != time.Duration(n) {
			return fmt.Errorf("%q is out of range", text)
		}
	}
	into.SetInt(int64(d))
	return wrong(err, text, into.Type())
}

// decodeList takes a list, a comma list of scalars, or a JSON list in a text.
func decodeList(raw any, into reflect.Value, unit time.Duration, service string) error {
	items, err := listItems(raw, into.Type().Elem())
	if err != nil {
		return err
	}
	out := reflect.MakeSlice(into.Type(), len(items), len(items))
	var faults []error
	for i, item := range items {
		if err := decode(item, out.Index(i), unit, service); err != nil {
			faults = append(faults, fmt.Errorf("[%d]: %w", i, err))
		}
	}
	into.Set(out)
	return errors.Join(faults...)
}

func listItems(raw any, elem reflect.Type) ([]any, error) {
	switch v := raw.(type) {
	case []any:
		return v, nil
	case string:
		if elem.Kind() == reflect.Struct {
			return jsonItems(v)
		}
		items := []any{}
		for _, part := range split(v) {
			items = append(items, part)
		}
		return items, nil
	}
	return nil, fmt.Errorf("want a list, not %T", raw)
}

func jsonItems(text string) ([]any, error) {
	var items []any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&items); err != nil || d.More() {
		return nil, errors.New("want a JSON list of objects")
	}
	return items, nil
}

func decodeObject(raw any, into reflect.Value, service string) error {
	settings, ok := raw.(map[string]any)
	if !ok {
		return fmt.Errorf("want an object, not %T", raw)
	}
	fields, err := fieldsOf(into.Type(), service)
	if err != nil {
		return err
	}
	faults := unknownIn(settings, treeOf(fields), "", "")
	for _, f := range fields {
		if err := f.fill(into, source{settings: settings}); err != nil {
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}

// typeName says what a person has to write.
func typeName(t reflect.Type) string {
	switch {
	case t == durationType:
		return "a duration"
	case t.Kind() == reflect.Slice:
		return "a list of " + strings.TrimPrefix(strings.TrimPrefix(typeName(t.Elem()), "a "), "an ")
	case t.Kind() == reflect.Struct:
		return "an object"
	case t.Kind() == reflect.String:
		return "a text"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Float64:
		return "a number"
	}
	return "a whole number"
}
