// Command bench compares the gateway with the back end behind it: the same
// queries, sent through gateway and query service (authentication, rights and
// limits on) and straight to the back end, alternately in one run. Only the
// ratios, CPU time per request and peak memory mean anything; absolute rates
// belong to the machine. Every request asks for another window, so that no
// result cache answers; the rows named "same" ask for one window again and again,
// as a dashboard that many look at does, and show the cache.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

func main() {
	slice := flag.Duration("slice", time.Second, "time per target and round")
	rounds := flag.Int("rounds", 3, "rounds per number of clients")
	backend := flag.String("backend", "all", "standin, victoriametrics, telemetry or all")
	flag.Parse()
	if err := run(options{slice: *slice, rounds: *rounds, backend: *backend}); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	slice   time.Duration
	rounds  int
	backend string
}

func run(o options) error {
	if o.backend == "all" || o.backend == "telemetry" {
		if err := within(func(dir string) error { return telemetry(o, dir) }); err != nil {
			return err
		}
	}
	places := map[string]func(string) (*place, error){"standin": standIn, "victoriametrics": victoriaMetrics}
	for _, kind := range []string{"standin", "victoriametrics"} {
		if o.backend != "all" && o.backend != kind {
			continue
		}
		if err := runOn(o, places[kind]); err != nil {
			return err
		}
	}
	return nil
}

func runOn(o options, open func(string) (*place, error)) error {
	return within(func(dir string) error {
		p, err := open(dir)
		if err != nil || p == nil {
			return err
		}
		defer p.close()
		return measure(o, p)
	})
}

// within runs f with a folder of its own.
func within(f func(dir string) error) error {
	dir, err := os.MkdirTemp("", "mirador-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	return f(dir)
}
