// Package service runs a Mirador process: configuration, logs, metrics,
// health, gRPC server, signals, ordered close. A service writes
//
//	func main() {
//		service.Main("query", service.Build{Version: version, Commit: commitHash, Time: buildTime}, defaults, wire)
//	}
//
// where -ldflags inject main.version, main.commitHash and main.buildTime, and
// it writes nothing of all that itself.
package service

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/platformbuilds/mirador-core/libs/config"
)

// Configured is a configuration struct that embeds Config.
type Configured interface {
	Base() Config
}

// Program is a service as a value that a test can start.
type Program[C Configured] struct {
	// Name of the service, the same everywhere.
	Name string
	// Build of the binary.
	Build Build
	// Defaults returns a full, runnable configuration.
	Defaults func() C
	// Wire builds the service: open, construct, register. It must not serve.
	// What was registered with OnClose before an error is closed again.
	Wire func(ctx context.Context, cfg C, s *Server) error
	// Started, when set, is called once everything listens.
	Started func(s *Server)
	// Environ, Stdout and Stderr default to the process' own.
	Environ        []string
	Stdout, Stderr io.Writer
}

// usageError is a fault that a person at the command line can mend.
type usageError struct{ error }

// Unwrap gives the fault itself.
func (e usageError) Unwrap() error { return e.error }

// loggedError is a fault that the log has told already.
type loggedError struct{ error }

// Unwrap gives the fault itself.
func (e loggedError) Unwrap() error { return e.error }

// Main runs a service until SIGINT or SIGTERM ends it and exits the process: 0
// after a clean end, 1 after a failure, 2 for a bad command line or
// configuration. A second signal ends the process at once.
func Main[C Configured](name string, build Build, defaults func() C, wire func(context.Context, C, *Server) error) {
	p := Program[C]{Name: name, Build: build, Defaults: defaults, Wire: wire}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(p.Exit(ctx, os.Args[1:]...))
}

// Exit runs the program, prints its error and returns its exit code.
func (p Program[C]) Exit(ctx context.Context, args ...string) int {
	p = p.complete()
	err := p.Run(ctx, args...)
	var logged loggedError
	if err != nil && !errors.As(err, &logged) {
		_, _ = fmt.Fprintf(p.Stderr, "%s: %v\n", p.Name, err)
	}
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage):
		return 2
	}
	return 1
}

// Run runs one command of the program ("serve" when args name none) until it
// is done or the context ends.
func (p Program[C]) Run(ctx context.Context, args ...string) error {
	p = p.complete()
	cmd, err := parse(p.Name, args, p.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	switch cmd.name {
	case "version":
		_, err = fmt.Fprintln(p.Stdout, p.Build.describe(p.Name))
		return err
	case "config-docs":
		return p.document()
	}
	live, err := config.Open(p.Defaults(), p.options(cmd))
	if err != nil {
		return usageError{err}
	}
	switch {
	case cmd.check:
		return p.checked(live)
	case cmd.print:
		return config.Print(p.Stdout, *live.Current(), p.Name)
	case cmd.name == "healthcheck":
		return healthcheck(ctx, (*live.Current()).Base(), cmd.alive)
	}
	return p.serve(ctx, live)
}

func (p Program[C]) complete() Program[C] {
	if p.Stdout == nil {
		p.Stdout = os.Stdout
	}
	if p.Stderr == nil {
		p.Stderr = os.Stderr
	}
	p.Build = p.Build.complete()
	return p
}

func (p Program[C]) options(cmd command) config.Options {
	return config.Options{Service: p.Name, File: cmd.file, Environ: p.Environ, Flags: cmd.set}
}

func (p Program[C]) checked(live *config.Live[C]) error {
	file := live.Status().File
	if file == "" {
		file = "defaults and environment"
	}
	_, err := fmt.Fprintf(p.Stdout, "%s: configuration is valid (%s)\n", p.Name, file)
	return err
}

// document prints the table for docs/configuration.md.
func (p Program[C]) document() error {
	rows, err := config.Table(p.Defaults(), p.Name)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Stdout, "## %s\n\n%s", p.Name, config.Markdown(rows))
	return err
}
