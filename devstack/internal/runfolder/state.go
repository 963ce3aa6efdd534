package runfolder

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

const stateFile = "state.json"

// Process is one process of the stack. Birth tells it apart from a later one
// with the same id.
type Process struct {
	Name  string `json:"name"`
	PID   int    `json:"pid"`
	Birth string `json:"birth"`
}

// State is what the running stack tells the other commands.
type State struct {
	Ready     bool      `json:"ready"`
	URL       string    `json:"url"`
	Started   time.Time `json:"started"`
	Processes []Process `json:"processes"`
	Parts     []string  `json:"parts"`
}

// Read returns the state; the zero state when there is none.
func (f *Folder) Read() (State, error) {
	var s State
	text, err := os.ReadFile(f.Path(stateFile))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("read state: %w", err)
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return State{}, fmt.Errorf("read state: %w", err)
	}
	return s, nil
}

// Save replaces the state.
func (f *Folder) Save(s State) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("encode state: %w", err)
	}
	return f.Write(stateFile, text)
}

// Forget removes what only a running stack has.
func (f *Folder) Forget() error {
	for _, name := range []string{stateFile, EnvFile, "devstack.pid"} {
		if err := os.Remove(f.Path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove %s: %w", name, err)
		}
	}
	return nil
}
