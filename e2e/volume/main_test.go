// Package volume drives the running system with millions of log rows: paging,
// export and tails must stay exact and small.
package volume

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/e2e/client"
	"github.com/platformbuilds/mirador-core/e2e/stack"
)

// bulk is how many rows lie in the past before the first test.
const bulk = 2_000_000

var (
	running *stack.Stack
	viewer  *client.Client
	logs    *client.Client // the logs service's own metrics
	// begin and end of the bulk rows: begin <= time < end.
	begin, end time.Time
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "mirador-volume-")
	if err == nil {
		defer os.RemoveAll(dir)
		err = boot(dir)
	}
	code := 1
	if err == nil {
		code = m.Run()
		viewer.Close()
		logs.Close()
	}
	if running != nil {
		if stopped := running.Stop(); err == nil {
			err = stopped
		}
	}
	if err == nil {
		err = goleak.Find()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func boot(dir string) (err error) {
	metrics := stack.FreePort()
	running, err = stack.Start(dir, "DEMO_HOURS=1", "DEMO_LOG_ROWS="+strconv.Itoa(bulk), fmt.Sprintf("LOGS_METRICS_PORT=%d", metrics))
	if err != nil {
		return err
	}
	values := map[string]string{}
	for _, name := range []string{"MIRADOR_URL", "MIRADOR_VIEWER_TOKEN", "MIRADOR_BULK_START", "MIRADOR_BULK_END"} {
		if values[name], err = running.Env(name); err != nil {
			return err
		}
	}
	viewer = client.New(values["MIRADOR_URL"], values["MIRADOR_VIEWER_TOKEN"])
	logs = client.New(fmt.Sprintf("http://127.0.0.1:%d", metrics), "")
	if begin, err = time.Parse(time.RFC3339Nano, values["MIRADOR_BULK_START"]); err != nil {
		return err
	}
	end, err = time.Parse(time.RFC3339Nano, values["MIRADOR_BULK_END"])
	return err
}

// pid of a service.
func pid(t *testing.T, service string) int {
	t.Helper()
	pid, err := running.PID(service)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// eventually polls until ok holds, and fails the test when it never does.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(40 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("never happened: %s", what)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
