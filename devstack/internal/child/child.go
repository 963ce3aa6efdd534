// Package child runs a program as a supervised process: one that ends without
// being asked is started again after a pause that grows while it keeps failing.
package child

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// Options says what to run and how patiently.
type Options struct {
	// Name of the part; Path, Args and Env of the program.
	Name string
	Path string
	Args []string
	Env  []string
	// LogFile gets what the program prints; it is added to.
	LogFile string
	// Pause before the first restart, 3 s by default; it doubles up to MaxPause.
	Pause, MaxPause time.Duration
	// Grace is what a program gets to end by itself, 35 s by default.
	Grace time.Duration
	// Started is told each new process id.
	Started func(pid int)
	// Log of the supervisor.
	Log *slog.Logger
}

// healthy is how long a program must run for its failures to be forgotten.
const healthy = 10 * time.Second

// Run keeps the program running until the context ends, then ends it.
func Run(ctx context.Context, o Options) error {
	o = o.withDefaults()
	pause := o.Pause
	for {
		begun := time.Now()
		err := once(ctx, o)
		if ctx.Err() != nil {
			return nil
		}
		if time.Since(begun) > healthy {
			pause = o.Pause
		}
		o.Log.Warn("process ended", "part", o.Name, "error", err, "restart_in", pause.String())
		if !wait(ctx, pause) {
			return nil
		}
		pause = min(2*pause, o.MaxPause)
	}
}

func (o Options) withDefaults() Options {
	if o.Pause == 0 {
		o.Pause = 3 * time.Second
	}
	if o.MaxPause == 0 {
		o.MaxPause = 30 * time.Second
	}
	if o.Grace == 0 {
		o.Grace = 35 * time.Second
	}
	return o
}

func wait(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// once runs the program to its end. The thread is kept because the kernel
// binds "kill me when my parent dies" to the thread that forked.
func once(ctx context.Context, o Options) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	out, err := os.OpenFile(o.LogFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open log of %s: %w", o.Name, err)
	}
	defer func() { _ = out.Close() }()
	command := prepare(ctx, o, out)
	if err := command.Start(); err != nil {
		return fmt.Errorf("start %s: %w", o.Name, err)
	}
	o.Started(command.Process.Pid)
	return command.Wait()
}

func prepare(ctx context.Context, o Options, out *os.File) *exec.Cmd {
	command := exec.CommandContext(ctx, o.Path, o.Args...)
	command.Env, command.Stdout, command.Stderr = o.Env, out, out
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = o.Grace
	command.SysProcAttr = attributes()
	return command
}
