// Command devstack is the outside world of Mirador on one machine: it starts,
// shows, feeds and stops a whole stack. README.md has the commands.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/launch"
	"github.com/platformbuilds/mirador-core/devstack/internal/runfolder"
	"github.com/platformbuilds/mirador-core/devstack/internal/settings"
)

const usage = `usage: devstack <command>
  up      run the stack until Ctrl-C
  start   run it in the background, return when it is ready
  stop    end it
  status  show what runs
  demo    play a fresh incident on the running stack (DEMO_SEED=n picks it)
  told    count the log rows and spans told so far, as JSON: --start, --end, --tenant
  clean   remove the data of a stopped stack
  version, healthcheck, --check-config, --print-config
Folder, ports and back ends come from the environment: see devstack/README.md.
`

// Set by -ldflags.
var version, commitHash, buildTime = "dev", "unknown", "unknown"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, out, faults io.Writer) int {
	if len(args) == 0 || len(args) > 1 && args[0] != "told" {
		_, _ = fmt.Fprint(faults, usage)
		return 2
	}
	if args[0] == "version" {
		_, _ = fmt.Fprintf(out, "mirador-devstack %s (commit %s, built %s, %s)\n", version, commitHash, buildTime, runtime.Version())
		return 0
	}
	s, err := settings.Read(os.Getenv)
	if err != nil {
		_, _ = fmt.Fprintln(faults, err)
		return 2
	}
	folder, err := runfolder.At(s.Run)
	if err == nil {
		err = command(ctx, args, s, folder, out)
	}
	if err != nil {
		_, _ = fmt.Fprintln(faults, err)
		return 1
	}
	return 0
}

func command(ctx context.Context, args []string, s settings.Settings, folder *runfolder.Folder, out io.Writer) error {
	switch args[0] {
	case "up":
		return launch.Up(ctx, s, folder, out)
	case "start":
		return launch.Start(ctx, folder, out)
	case "stop":
		return launch.Stop(folder, out)
	case "--check-config":
		_, _ = fmt.Fprintln(out, "the configuration is good")
		return nil
	case "--print-config":
		s.Print(out)
		return nil
	case "healthcheck":
		return launch.Status(folder, io.Discard)
	case "status":
		return launch.Status(folder, out)
	case "demo":
		return launch.Play(ctx, folder, freshSeed(s), out)
	case "told":
		return launch.Told(folder, args[1:], out)
	case "clean":
		return launch.Clean(folder, out)
	}
	return fmt.Errorf("unknown command %q\n%s", args[0], usage)
}

// freshSeed is the one asked for, else one of the five kinds by the clock.
func freshSeed(s settings.Settings) uint64 {
	if os.Getenv("DEMO_SEED") != "" {
		return s.Seed
	}
	now := uint64(time.Now().Unix())
	return now - now%6 + 1 + now/6%5
}
