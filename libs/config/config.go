// Package config turns defaults, one file, the environment and flags into a
// validated struct. Viper stays at this rim: nothing else in the repository
// reads it, and what a service holds afterwards is a plain value.
//
// A field is described by its tags:
//
//	key:"jwt.secret"  path below the enclosing struct; a struct without key is inlined
//	env:"JWT_SECRET"  plain environment names, newest first
//	secret:"true"     masked when printed; NAME_FILE and <key>_file are read as files
//	reload:"true"     may change while the service runs
//	unit:"ms"         unit of a bare number in a time.Duration (ms, s, m, h)
//	doc:"..."         one sentence for docs/configuration.md
//
// The part {service} of a key stands for the name of the running service.
// Fields may be strings, bools, numbers, durations, structs, and slices of
// these; maps are refused, because file keys lose their case.
package config

import (
	"errors"
	"fmt"
	"reflect"
)

// Options says where a configuration comes from. The zero value reads the
// process environment and the usual places.
type Options struct {
	// Service is the name that {service} stands for in keys.
	Service string
	// File to read; it must exist. Empty means the search order of Find.
	File string
	// Environ holds KEY=value pairs; nil means os.Environ().
	Environ []string
	// Dir that relative places are looked up in; empty means the working folder.
	Dir string
	// Flags override everything else, by key.
	Flags map[string]string
}

// Validator is implemented by a configuration struct, or a struct nested in
// it, that has rules of its own. All faults of all validators are reported
// together, each with the path of its struct.
type Validator interface {
	Validate() error
}

// Completer is implemented by a pointer to the outermost struct when some
// values derive from others. Complete runs before validation.
type Completer interface {
	Complete()
}

// Load reads a C: defaults < file < MIRADOR_<KEY> < plain environment < flags.
// The error joins every fault found: unknown keys (with the nearest known
// one), values of the wrong type, unreadable secrets and failed validation.
func Load[C any](defaults C, o Options) (C, error) {
	c, _, err := load(defaults, o)
	return c, err
}

// load also returns the file that was read.
func load[C any](defaults C, o Options) (C, string, error) {
	fields, err := fieldsOf(reflect.TypeOf(defaults), o.Service)
	if err != nil {
		return defaults, "", err
	}
	file, err := Find(o)
	if err != nil {
		return defaults, "", err
	}
	settings, err := readFile(file)
	if err != nil {
		return defaults, file, err
	}
	faults := append(unknownKeys(settings, fields, o.Service, file), unknownFlags(o.Flags, fields)...)
	src := source{settings: settings, env: environ(o), flags: o.Flags, file: file}
	c := defaults
	for _, f := range fields {
		if err := f.fill(reflect.ValueOf(&c).Elem(), src); err != nil {
			faults = append(faults, err)
		}
	}
	if len(faults) == 0 {
		faults = check(&c, o.Service)
	}
	return c, file, errors.Join(faults...)
}

// fill sets the field of c from the strongest source that names it.
func (f field) fill(c reflect.Value, src source) error {
	raw, from, err := src.lookup(f)
	if err != nil || raw == nil {
		return err
	}
	if err := decode(raw, f.in(c), f.unit, f.service); err != nil {
		return fmt.Errorf("%s%s: %w", f.path, from, f.hide(err))
	}
	return nil
}

// hide keeps the text of a secret out of an error.
func (f field) hide(err error) error {
	if f.secret {
		return fmt.Errorf("want %s", typeName(f.typ))
	}
	return err
}
