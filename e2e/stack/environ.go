package stack

import (
	"fmt"
	"os"
	"strings"
)

// portVariables of the launcher; each gets a free port unless the caller sets it.
var portVariables = []string{
	"PORT", "GATEWAY_METRICS_PORT",
	"QUERY_PORT", "QUERY_METRICS_PORT",
	"LOGS_PORT", "LOGS_METRICS_PORT",
	"TRACES_PORT", "TRACES_METRICS_PORT",
	"SCHEMA_PORT", "SCHEMA_METRICS_PORT",
	"DEVSTACK_NATS_PORT", "DEVSTACK_VALKEY_PORT", "DEVSTACK_METRICS_PORT", "DEVSTACK_LOGS_PORT", "DEVSTACK_TRACES_PORT",
}

// cleanEnviron is the process environment without what would redirect a part
// of the stack: a developer's shell must not decide what a test talks to.
func cleanEnviron() []string {
	var out []string
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		keep := name == "PATH" || name == "HOME" || name == "TMPDIR" || name == "USER" || name == "LANG" ||
			strings.HasPrefix(name, "GO") || strings.HasPrefix(name, "XDG_")
		if keep {
			out = append(out, entry)
		}
	}
	return out
}

func freePorts(environ []string) []string {
	given := map[string]bool{}
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		given[name] = true
	}
	var out []string
	for _, name := range portVariables {
		if !given[name] {
			out = append(out, fmt.Sprintf("%s=%d", name, FreePort()))
		}
	}
	return append(out, environ...)
}
