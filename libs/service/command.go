package service

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// command is a parsed command line.
type command struct {
	name                string
	file                string
	check, print, alive bool
	set                 map[string]string
}

func commands() []string { return []string{"serve", "version", "healthcheck", "config-docs"} }

const usage = `usage: %s [serve | version | healthcheck | config-docs] [flags]

  serve        run the service (default)
  version      print version, commit and build time
  healthcheck  ask the running service whether it is ready; exit 1 when not
  config-docs  print every setting as a table

flags:
`

// parse takes a command before, between or after flags.
func parse(program string, args []string, out io.Writer) (command, error) {
	cmd := command{set: map[string]string{}}
	flags := cmd.flags(program, out)
	for {
		if err := flags.Parse(args); err != nil {
			return cmd, usageError{err}
		}
		args = flags.Args()
		if len(args) == 0 {
			break
		}
		if cmd.name != "" || !slices.Contains(commands(), args[0]) {
			return cmd, usageError{fmt.Errorf("unknown command %q, want one of %s", args[0], strings.Join(commands(), ", "))}
		}
		cmd.name, args = args[0], args[1:]
	}
	if cmd.name == "" {
		cmd.name = "serve"
	}
	return cmd, nil
}

func (c *command) flags(program string, out io.Writer) *flag.FlagSet {
	flags := flag.NewFlagSet(program, flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() {
		_, _ = fmt.Fprintf(out, usage, program)
		flags.PrintDefaults()
	}
	flags.StringVar(&c.file, "config", "", "configuration `file`")
	flags.BoolVar(&c.check, "check-config", false, "check the configuration and exit")
	flags.BoolVar(&c.print, "print-config", false, "print the configuration in force, secrets masked, and exit")
	flags.BoolVar(&c.alive, "live", false, "healthcheck: ask only whether the process lives")
	flags.BoolFunc("version", "print version, commit and build time", func(string) error {
		c.name = "version"
		return nil
	})
	flags.Func("set", "override one setting, `key=value`; may be repeated", func(pair string) error {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			return fmt.Errorf("want key=value")
		}
		c.set[key] = value
		return nil
	})
	return flags
}
