package launch

import (
	"fmt"
	"io"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/runfolder"
)

// Status shows what runs. The error says that nothing does, or not all of it.
func Status(folder *runfolder.Folder, out io.Writer) error {
	state, err := folder.Read()
	if err != nil {
		return err
	}
	if !folder.Running() {
		return errNotRunning
	}
	_, _ = fmt.Fprintf(out, "%s  up %s, %s\n", state.URL, time.Since(state.Started).Round(time.Second), word(state.Ready, "ready", "starting"))
	for _, part := range state.Parts {
		_, _ = fmt.Fprintf(out, "  %s\n", part)
	}
	return showProcesses(state, out)
}

func showProcesses(state runfolder.State, out io.Writer) error {
	dead := 0
	for _, p := range state.Processes {
		alive := p.Alive()
		if !alive {
			dead++
		}
		_, _ = fmt.Fprintf(out, "  process %-9s %7d %s\n", p.Name, p.PID, word(alive, "runs", "ended, is started again"))
	}
	if dead > 0 || !state.Ready {
		return fmt.Errorf("%d of %d processes run, %s", len(state.Processes)-dead, len(state.Processes), word(state.Ready, "ready", "not ready yet"))
	}
	return nil
}

func word(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}
