package service

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
)

// Build names the build of the binary; main passes what -ldflags injected.
type Build struct {
	// Version such as v2.1.3, Commit as a hash, Time as RFC 3339.
	Version, Commit, Time string
}

// complete fills what was not injected from what the Go tool recorded.
func (b Build) complete() Build {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				b.Commit = cmp.Or(b.Commit, s.Value)
			case "vcs.time":
				b.Time = cmp.Or(b.Time, s.Value)
			}
		}
	}
	return Build{cmp.Or(b.Version, "dev"), cmp.Or(b.Commit, "unknown"), cmp.Or(b.Time, "unknown")}
}

func (b Build) describe(name string) string {
	return fmt.Sprintf("mirador-%s %s (commit %s, built %s, %s %s/%s)",
		name, b.Version, b.Commit, b.Time, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
