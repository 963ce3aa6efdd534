package launch

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/demo"
	"github.com/platformbuilds/mirador-core/devstack/internal/runfolder"
	"github.com/platformbuilds/mirador-core/libs/timeparam"
)

// Told prints how many log rows and spans the running stack's story has told
// of a window, as JSON. The arguments are --start, --end and --tenant.
func Told(folder *runfolder.Folder, arguments []string, out io.Writer) error {
	if !folder.Running() {
		return errNotRunning
	}
	flags := flag.NewFlagSet("told", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	start := flags.String("start", "now-1h", "")
	end := flags.String("end", "now", "")
	tenant := flags.String("tenant", demo.Tenants()[0].Name, "")
	if err := flags.Parse(arguments); err != nil {
		return fmt.Errorf("told: %w", err)
	}
	now := nowUTC()
	from, err := timeparam.ParseTime(*start, now)
	if err != nil {
		return fmt.Errorf("--start: %w", err)
	}
	to, err := timeparam.ParseTime(*end, now)
	if err != nil {
		return fmt.Errorf("--end: %w", err)
	}
	return tellCounts(folder, *tenant, from, to, out)
}

func tellCounts(folder *runfolder.Folder, tenant string, from, to time.Time, out io.Writer) error {
	report, err := demo.Count(storyFile(folder), tenant, from.UTC(), to.UTC())
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(report)
}
