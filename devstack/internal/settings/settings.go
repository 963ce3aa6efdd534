// Package settings reads what a user may change about the stack from the
// environment: ports, the demo story, and which back ends are given and so not
// started.
package settings

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Lookup returns the value of an environment variable, "" when it is not set.
type Lookup func(name string) string

// Settings are what the launcher works with.
type Settings struct {
	// Run is the data folder, Bin where the services' binaries are.
	Run, Bin string
	// Ports by part.
	Ports Ports
	// Given back ends; what is given is not started.
	Given Given
	// Username and Password of given back ends.
	Username, Password string
	// Secret for access tokens; empty means one of the data folder's own.
	Secret string
	// Seed of the demo story and how much of it lies behind at the start.
	Seed    uint64
	History time.Duration
	// BulkRows are added to the logs of the day before the story.
	BulkRows int
	// Limits in request units a minute.
	Limits Limits
	// WriteAnywhere lets the demo write to given back ends off loopback.
	WriteAnywhere bool
}

// Limits of the demo's tenants, in request units a minute.
type Limits struct {
	// Demo is enough for dashboards, Other is the product's own default, so that
	// one can see what a limit looks like.
	Demo, Other int
}

// Of is the limit of a tenant by name.
func (l Limits) Of(tenant string) int {
	if tenant == "other" {
		return l.Other
	}
	return l.Demo
}

// Address is the limit of one address: far above both, since everything here
// comes from one.
func (l Limits) Address() int { return 10 * max(l.Demo, l.Other) }

// Given names the back ends that somebody else runs.
type Given struct {
	Metrics []string // URLs
	Insert  string   // URL to write metrics to, when that is another one
	Logs    []string // URLs
	Traces  []string // URLs
	Valkey  []string // host:port
	NATS    []string // URLs
}

// Read collects the settings; all faults are reported at once.
func Read(lookup Lookup) (Settings, error) {
	r := &reader{lookup: lookup}
	s := Settings{
		Run:      r.text("MIRADOR_RUN_DIR", ".run"),
		Bin:      r.text("MIRADOR_BIN_DIR", beside()),
		Ports:    r.ports(),
		Given:    r.given(),
		Username: r.text("VM_USERNAME", r.text("MIRADOR_DATABASE_VICTORIA_METRICS_USERNAME", "")),
		Password: r.secret("VM_PASSWORD"),
		Secret:   r.secret("JWT_SECRET"),
		Seed:     uint64(r.number("DEMO_SEED", 1, 0, 1<<53)),
		History:  time.Duration(r.number("DEMO_HOURS", 6, 1, 168)) * time.Hour,
		BulkRows: int(r.number("DEMO_LOG_ROWS", 0, 0, 6_000_000)),
		Limits: Limits{
			Demo:  int(r.number("DEMO_RATE_LIMIT", 60_000, 1, 1_000_000_000)),
			Other: int(r.number("DEMO_OTHER_RATE_LIMIT", 1000, 1, 1_000_000_000)),
		},
		WriteAnywhere: r.text("DEMO_WRITE", "") == "1",
	}
	return s, errors.Join(r.faults...)
}

// beside is the folder of this very binary: all of them are built into one.
func beside() string {
	self, err := os.Executable()
	if err != nil {
		return "bin"
	}
	return filepath.Dir(self)
}

type reader struct {
	lookup Lookup
	faults []error
}

func (r *reader) text(name, otherwise string) string {
	if value := strings.TrimSpace(r.lookup(name)); value != "" {
		return value
	}
	return otherwise
}

func (r *reader) number(name string, otherwise, least, most int64) int64 {
	text := r.text(name, strconv.FormatInt(otherwise, 10))
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil || value < least || value > most {
		r.faults = append(r.faults, fmt.Errorf("%s=%q: want a whole number from %d to %d", name, text, least, most))
		return otherwise
	}
	return value
}

func (r *reader) given() Given {
	return Given{
		Metrics: r.list("VM_ENDPOINTS"),
		Insert:  r.text("VM_INSERT_ENDPOINT", ""),
		Logs:    r.list("VL_ENDPOINTS"),
		Traces:  r.list("VT_ENDPOINTS"),
		Valkey:  r.list("VALKEY_CACHE_NODES", "VALLEY_CACHE_NODES"),
		NATS:    r.list("NATS_URL", "NATS_URLS"),
	}
}

// list splits the first variable that is set at its commas.
func (r *reader) list(names ...string) []string {
	for _, name := range names {
		var parts []string
		for part := range strings.SplitSeq(r.lookup(name), ",") {
			if part = strings.TrimSpace(part); part != "" {
				parts = append(parts, part)
			}
		}
		if len(parts) > 0 {
			return parts
		}
	}
	return nil
}

func (r *reader) secret(name string) string {
	file := r.lookup(name + "_FILE")
	if file == "" {
		return r.lookup(name)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		r.faults = append(r.faults, fmt.Errorf("%s_FILE: %w", name, err))
	}
	return strings.TrimSpace(string(text))
}
