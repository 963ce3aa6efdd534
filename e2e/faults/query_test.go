package faults

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/e2e/stack"
)

const query = "/api/v1/query?query=count(up)"

func TestQueryServiceKilled(t *testing.T) {
	s := boot(t)
	viewer := user(t, s, "MIRADOR_VIEWER_TOKEN")
	viewer.Get(t, query).Want(t, 200)

	pid, err := s.PID("query")
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a 503 while the query service is away", func() bool {
		a := viewer.Get(t, "/api/v1/query?query=count(up)%2B"+time.Now().Format("150405.000000"))
		if a.Status == 200 {
			return false
		}
		a.WantProblem(t, 503, "service_unavailable")
		if a.Header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
		return true
	})
	eventually(t, "answers again", func() bool {
		return viewer.Get(t, "/api/v1/query?query=count(up)%2B"+time.Now().Format("150405.000000")).Status == 200
	})
	if now, err := s.PID("query"); err != nil || now == pid {
		t.Errorf("mirador.env still names pid %d (%v)", now, err)
	}
}

func TestStopLeavesNothingRunning(t *testing.T) {
	s, err := stack.Start(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for _, name := range []string{"gateway", "query", "logs", "traces", "schema", "devstack"} {
		pid, err := s.PID(name)
		if err != nil {
			t.Error(err)
		}
		pids = append(pids, pid)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	for _, pid := range pids {
		if syscall.Kill(pid, 0) == nil {
			t.Errorf("process %d is left", pid)
		}
	}
	for _, name := range []string{"mirador.env", "state.json"} {
		if _, err := os.Stat(filepath.Join(s.Dir, name)); err == nil {
			t.Errorf("%s is left", name)
		}
	}
}
