package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/viper"
)

// Find returns the file to read: the one that was asked for, else CONFIG_PATH
// (a file or a folder), else ./configs/config.<env>.yaml, ./configs/config.yaml,
// then config.<env>.yaml and config.yaml in /etc/mirador/ and the working
// folder. It returns "" when there is none.
func Find(o Options) (string, error) {
	env := environ(o)
	names := []string{"config." + environmentName(env) + ".yaml", "config.yaml"}
	for _, named := range []string{o.File, env["CONFIG_PATH"]} {
		if named != "" {
			return findNamed(o.absolute(named), names)
		}
	}
	for _, dir := range []string{"configs", "/etc/mirador", "."} {
		if file, ok := firstIn(o.absolute(dir), names); ok {
			return file, nil
		}
	}
	return "", nil
}

func findNamed(path string, names []string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("configuration file: %w", err)
	}
	if !info.IsDir() {
		return path, nil
	}
	if file, ok := firstIn(path, names); ok {
		return file, nil
	}
	return "", fmt.Errorf("configuration file: folder %s has none of %s", path, strings.Join(names, ", "))
}

func firstIn(dir string, names []string) (string, bool) {
	for _, name := range names {
		file := filepath.Join(dir, name)
		if info, err := os.Stat(file); err == nil && !info.IsDir() {
			return file, true
		}
	}
	return "", false
}

func (o Options) absolute(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(o.Dir, path)
}

// Environments lists the names an environment may have.
func Environments() []string {
	return []string{"development", "staging", "production", "test"}
}

// environmentName picks the environment that names the file. Shells use ENV
// for the path of a script, so a value that is no environment does not count.
func environmentName(env map[string]string) string {
	for _, name := range []string{"MIRADOR_ENV", "ENV", "ENVIRONMENT"} {
		if slices.Contains(Environments(), env[name]) {
			return env[name]
		}
	}
	return "development"
}

// readFile returns the nested settings of a file with lower-case keys. A new
// viper per call: a shared one would mix old and new values on reload.
func readFile(file string) (map[string]any, error) {
	if file == "" {
		return map[string]any{}, nil
	}
	v := viper.New()
	v.SetConfigFile(file)
	if filepath.Ext(file) == "" {
		v.SetConfigType("yaml")
	}
	if err := v.ReadInConfig(); err != nil {
		var path *fs.PathError
		if errors.As(err, &path) {
			return nil, fmt.Errorf("read configuration: %w", err)
		}
		return nil, fmt.Errorf("read configuration %s: %w", file, err)
	}
	return v.AllSettings(), nil
}
