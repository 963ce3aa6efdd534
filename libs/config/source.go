package config

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// source is everything that may name a value, strongest first: flags, plain
// environment, MIRADOR_<KEY>, file.
type source struct {
	settings map[string]any
	env      map[string]string
	flags    map[string]string
	file     string
}

// maxSecretFile bounds a secret read from a file.
const maxSecretFile = 64 << 10

// lookup returns the raw value of a field and " (from <where>)"; nil when only
// the default names it.
func (s source) lookup(f field) (raw any, from string, err error) {
	if v, ok := s.flags[f.path]; ok {
		return v, " (from a flag)", nil
	}
	for _, name := range f.names() {
		raw, from, err = s.fromEnv(name, f.secret)
		if raw != nil || err != nil {
			return raw, from, err
		}
	}
	return s.fromFile(f)
}

// names lists the environment names of a field, strongest first.
func (f field) names() []string {
	return append(append([]string(nil), f.env...), envName(f.path))
}

func envName(path string) string {
	return "MIRADOR_" + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(path))
}

// fromEnv treats an empty variable as absent, which is what a deployment that
// blanks a value means.
func (s source) fromEnv(name string, secret bool) (any, string, error) {
	value := s.env[name]
	file := s.env[name+"_FILE"]
	switch {
	case secret && file != "" && value != "":
		return nil, "", fmt.Errorf("%s and %s_FILE are both set: give one", name, name)
	case secret && file != "":
		return readSecret(file, name+"_FILE")
	case value == "":
		return nil, "", nil
	}
	return value, " (from " + name + ")", nil
}

func (s source) fromFile(f field) (any, string, error) {
	raw, set := dig(s.settings, f.path)
	if !f.secret {
		return raw, s.fromName(), nil
	}
	path, ok := dig(s.settings, f.path+"_file")
	switch {
	case !ok:
		return raw, s.fromName(), nil
	case set && raw != "":
		return nil, "", fmt.Errorf("%s and %s_file are both set in %s: give one", f.path, f.path, s.file)
	}
	return readSecret(fmt.Sprint(path), f.path+"_file")
}

// fromName is empty within a list, whose faults name the file further out.
func (s source) fromName() string {
	if s.file == "" {
		return ""
	}
	return " (from " + s.file + ")"
}

func readSecret(path, name string) (any, string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, "", fmt.Errorf("read secret of %s: %w", name, err)
	}
	text := strings.TrimSpace(string(b))
	switch {
	case text == "":
		return nil, "", fmt.Errorf("read secret of %s: %s is empty", name, path)
	case len(b) > maxSecretFile:
		return nil, "", errors.New("read secret of " + name + ": file is over 64 KiB")
	}
	return text, " (from " + name + ")", nil
}

// dig follows a dotted path through nested settings.
func dig(settings map[string]any, path string) (any, bool) {
	head, rest, more := strings.Cut(path, ".")
	v, ok := settings[head]
	if !ok || !more {
		return v, ok
	}
	inner, ok := v.(map[string]any)
	if !ok {
		return nil, false
	}
	return dig(inner, rest)
}

func environ(o Options) map[string]string {
	list := o.Environ
	if list == nil {
		list = os.Environ()
	}
	env := make(map[string]string, len(list))
	for _, pair := range list {
		if name, value, ok := strings.Cut(pair, "="); ok {
			env[name] = value
		}
	}
	return env
}
