package config

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// check completes and validates a configuration. Faults that two structs
// report alike are told once: an inlined struct lends its Validate to the
// outer one, so both run it.
func check[C any](c *C, service string) []error {
	if complete, ok := any(c).(Completer); ok {
		complete.Complete()
	}
	seen := map[string]bool{}
	var faults []error
	for _, err := range validate(reflect.ValueOf(c).Elem(), "", service) {
		if !seen[err.Error()] {
			seen[err.Error()] = true
			faults = append(faults, err)
		}
	}
	return faults
}

func validate(v reflect.Value, path, service string) []error {
	var faults []error
	switch v.Kind() {
	case reflect.Struct:
		faults = own(v, path)
		for i := range v.NumField() {
			if sf := v.Type().Field(i); sf.IsExported() || sf.Anonymous {
				key := strings.ReplaceAll(sf.Tag.Get("key"), "{service}", service)
				faults = append(faults, validate(v.Field(i), join(path, key), service)...)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			faults = append(faults, validate(v.Index(i), fmt.Sprintf("%s[%d]", path, i), service)...)
		}
	}
	return faults
}

// own runs the Validate of one struct, taken apart so that each fault has its
// path.
func own(v reflect.Value, path string) []error {
	if !v.CanInterface() {
		// An inlined private type: the outer struct has its Validate.
		return nil
	}
	validator, ok := v.Addr().Interface().(Validator)
	if !ok {
		return nil
	}
	err := validator.Validate()
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		return located(joined.Unwrap(), path)
	}
	return located([]error{err}, path)
}

func located(errs []error, path string) []error {
	var out []error
	for _, err := range errs {
		if err != nil && path != "" {
			err = fmt.Errorf("%s: %w", path, err)
		}
		if err != nil {
			out = append(out, err)
		}
	}
	return out
}
