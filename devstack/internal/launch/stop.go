package launch

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/runfolder"
)

// Stop ends the stack of the folder, and whatever a killed one left behind.
func Stop(folder *runfolder.Folder, out io.Writer) error {
	if !folder.Running() {
		err := endLeftovers(folder)
		if err == nil {
			_, _ = fmt.Fprintln(out, "No stack is running.")
		}
		return err
	}
	state, err := folder.Read()
	if err != nil {
		return err
	}
	for _, p := range state.Processes {
		if p.Name == self {
			err = p.End(closing + 5*time.Second)
		}
	}
	if err = errors.Join(err, endLeftovers(folder)); err == nil {
		_, _ = fmt.Fprintln(out, "Stopped; `make clean` removes the data.")
	}
	return err
}

// endLeftovers ends processes of a stack that could not end them itself. They
// are known by id and birth, so a stranger's process is never touched.
func endLeftovers(folder *runfolder.Folder) error {
	state, err := folder.Read()
	if err != nil {
		return nil //nolint:nilerr // a torn state names no process
	}
	var faults []error
	for _, p := range state.Processes {
		if p.Name != self {
			faults = append(faults, p.End(5*time.Second))
		}
	}
	return errors.Join(append(faults, folder.Forget())...)
}

// Clean removes the data of a stack that does not run.
func Clean(folder *runfolder.Folder, out io.Writer) error {
	if folder.Running() {
		return fmt.Errorf("%w in %s; `make stop` first", runfolder.ErrRunning, folder.Path())
	}
	if err := endLeftovers(folder); err != nil {
		return err
	}
	if err := folder.Remove(); err != nil {
		return err
	}
	_, _ = fmt.Fprintln(out, "Removed "+folder.Path()+".")
	return nil
}
