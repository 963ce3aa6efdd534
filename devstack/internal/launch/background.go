package launch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/runfolder"
)

// LogFile is where a stack in the background prints.
const LogFile = "devstack.log"

// starting is how long a stack in the background may take to be ready.
const starting = 3 * time.Minute

// Start runs `up` detached from the terminal and returns when it is ready. It
// shows the same progress.
func Start(ctx context.Context, folder *runfolder.Folder, out io.Writer) error {
	if folder.Running() {
		return claim(folder)
	}
	if err := folder.Make(); err != nil {
		return err
	}
	log, err := os.OpenFile(folder.Path(LogFile), os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	defer func() { _ = log.Close() }()
	up, ended, err := detach(folder, log)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, starting)
	defer cancel()
	return follow(ctx, folder, up, ended, out)
}

// detach begins a session of its own, so that closing the terminal ends nothing.
func detach(folder *runfolder.Folder, log *os.File) (*os.Process, <-chan struct{}, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, nil, fmt.Errorf("find own binary: %w", err)
	}
	command := exec.Command(path, "up")
	command.Env = append(without(os.Environ(), "MIRADOR_RUN_DIR"), "MIRADOR_RUN_DIR="+folder.Path())
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := command.Start(); err != nil {
		return nil, nil, fmt.Errorf("start in the background: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = command.Wait() // how it ended stands in its log
	}()
	return command.Process, ended, nil
}

// follow copies the log until the stack is ready, or tells that it ended.
func follow(ctx context.Context, folder *runfolder.Folder, up *os.Process, ended <-chan struct{}, out io.Writer) error {
	log, err := os.Open(folder.Path(LogFile))
	if err != nil {
		return fmt.Errorf("follow log: %w", err)
	}
	defer func() { _ = log.Close() }()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		state, _ := folder.Read()
		if _, err := io.Copy(out, log); err != nil {
			return fmt.Errorf("follow log: %w", err)
		}
		if state.Ready && owns(state, up.Pid) {
			return nil
		}
		select {
		case <-ended:
			_, _ = io.Copy(out, log)
			return errors.New("the stack did not start")
		case <-ctx.Done():
			_ = up.Signal(syscall.SIGTERM)
			<-ended
			return fmt.Errorf("the stack is not ready: %w", ctx.Err())
		case <-ticker.C:
		}
	}
}

func owns(state runfolder.State, pid int) bool {
	for _, p := range state.Processes {
		if p.Name == self && p.PID == pid {
			return true
		}
	}
	return false
}
