package launch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/platformbuilds/mirador-core/devstack/internal/runfolder"
	"github.com/platformbuilds/mirador-core/devstack/internal/settings"
)

var errNotRunning = errors.New("no stack is running; `make up` or `make start` begins one")

// Up runs the stack until the context ends.
func Up(ctx context.Context, s settings.Settings, folder *runfolder.Folder, out io.Writer) error {
	if err := claim(folder); err != nil {
		return err
	}
	defer folder.Unlock()
	if err := endLeftovers(folder); err != nil {
		return err
	}
	ports, err := s.Ports.Free()
	if err != nil {
		return err
	}
	s.Ports = ports
	if err := errors.Join(s.Ports.Check(s.Starts), built(s.Bin)); err != nil {
		return err
	}
	return run(ctx, s, folder, newProgress(out))
}

// claim makes the folder this process' own.
func claim(folder *runfolder.Folder) error {
	if err := folder.Make(); err != nil {
		return err
	}
	err := folder.Lock()
	if errors.Is(err, runfolder.ErrRunning) {
		state, _ := folder.Read()
		return fmt.Errorf("%w: %s (folder %s); `make stop` ends it", err, state.URL, folder.Path())
	}
	return err
}

// built names every service whose binary is missing.
func built(bin string) error {
	var faults []error
	for _, one := range services() {
		path := bin + string(os.PathSeparator) + one.name
		if _, err := os.Stat(path); err != nil {
			faults = append(faults, fmt.Errorf("%s is missing; `make build` makes it", path))
		}
	}
	return errors.Join(faults...)
}

func run(ctx context.Context, s settings.Settings, folder *runfolder.Folder, out progress) (err error) {
	log, closeLog, err := openLog(folder)
	if err != nil {
		return err
	}
	defer closeLog()
	stack := newStack(s, folder, out, log)
	defer func() {
		out.print("\n")
		out.working("stopping", "")
		err = errors.Join(err, stack.close())
		out.done("stopped", "data stays in "+folder.Path()+" until `make clean`")
	}()
	if err := stack.start(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // asked to stop while it started
		}
		return err
	}
	<-ctx.Done()
	return nil
}

// openLog begins new logs: those of the last run are of no use any more.
func openLog(folder *runfolder.Folder) (*slog.Logger, func(), error) {
	for _, one := range services() {
		if err := os.RemoveAll(folder.Path("logs", one.name+".log")); err != nil {
			return nil, nil, fmt.Errorf("remove old log: %w", err)
		}
	}
	file, err := os.OpenFile(folder.Path("logs", "parts.log"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open log: %w", err)
	}
	return slog.New(slog.NewJSONHandler(file, nil)), func() { _ = file.Close() }, nil
}
