package stack

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"time"
)

// Told is what the demo's generator says it wrote into a window.
type Told struct {
	// Logs counts rows.
	Logs struct {
		Total     int            `json:"total"`
		ByService map[string]int `json:"by_service"`
		ByLevel   map[string]int `json:"by_level"`
	} `json:"logs"`
}

// Told asks the launcher for the generator's own counts of the tenant demo, of
// start <= time < end.
func (s *Stack) Told(start, end time.Time) (Told, error) {
	root, err := Root()
	if err != nil {
		return Told{}, err
	}
	cmd := exec.Command(filepath.Join(root, "bin", "devstack"), "told", "--tenant", "demo",
		"--start", start.UTC().Format(time.RFC3339Nano), "--end", end.UTC().Format(time.RFC3339Nano))
	cmd.Env = append(cleanEnviron(), "MIRADOR_RUN_DIR="+s.Dir)
	out, err := cmd.Output()
	if err != nil {
		return Told{}, fmt.Errorf("ask for the generator's counts: %w", err)
	}
	var told Told
	if err := json.Unmarshal(out, &told); err != nil {
		return Told{}, fmt.Errorf("read the generator's counts: %w: %.200s", err, out)
	}
	return told, nil
}
