package runfolder

import (
	"fmt"
	"strings"
)

// EnvFile is the file for scripts: "set -a; . .run/mirador.env".
const EnvFile = "mirador.env"

// Variable is one line of the file for scripts.
type Variable struct {
	Name  string
	Value string
}

// WriteEnv replaces the file for scripts. Values are quoted for a POSIX shell.
func (f *Folder) WriteEnv(variables []Variable) error {
	var b strings.Builder
	for _, v := range variables {
		fmt.Fprintf(&b, "%s=%s\n", v.Name, quote(v.Value))
	}
	return f.Write(EnvFile, []byte(b.String()))
}

// quote leaves plain words alone, so that tools without a shell can read them.
func quote(value string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./:@,", r)
	}
	if value != "" && strings.IndexFunc(value, func(r rune) bool { return !plain(r) }) < 0 {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
