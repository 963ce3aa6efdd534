package launch

import (
	"log/slog"
	"os"
	"testing"

	"github.com/platformbuilds/mirador-core/devstack/internal/runfolder"
	"github.com/platformbuilds/mirador-core/devstack/internal/settings"
)

func TestOnlyLargeLogsAreEmptied(t *testing.T) {
	folder, err := runfolder.At(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := folder.Make(); err != nil {
		t.Fatal(err)
	}
	s := newStack(settings.Settings{}, folder, progress{}, slog.New(slog.DiscardHandler))
	sizes := map[string]int{"gateway": 101, "query": 100}
	for name, size := range sizes {
		if err := os.WriteFile(folder.Path("logs", name+".log"), make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.cutLogs(100)
	for name, want := range map[string]int64{"gateway": 0, "query": 100} {
		if info, err := os.Stat(folder.Path("logs", name+".log")); err != nil || info.Size() != want {
			t.Errorf("log of %s: %v (%v), want %d bytes", name, info, err, want)
		}
	}
}
