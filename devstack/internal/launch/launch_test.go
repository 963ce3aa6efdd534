package launch

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/demo"
	"github.com/platformbuilds/mirador-core/devstack/internal/runfolder"
	"github.com/platformbuilds/mirador-core/devstack/internal/settings"
)

// within polls until the check holds.
func within(t *testing.T, limit time.Duration, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", limit, what)
		}
	}
}

// bench is a run folder and the environment of a stack on free ports.
type bench struct {
	folder *runfolder.Folder
	out    buffer
}

type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func newBench(t *testing.T) *bench {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	for _, one := range services() {
		if err := os.Symlink(self, filepath.Join(bin, one.name)); err != nil {
			t.Fatal(err)
		}
	}
	folder, err := runfolder.At(filepath.Join(t.TempDir(), "run"))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"MIRADOR_BIN_DIR": bin, "MIRADOR_RUN_DIR": folder.Path(), "DEVSTACK_FREE_PORTS": "1", "DEMO_HOURS": "1",
	} {
		t.Setenv(name, value)
	}
	return &bench{folder: folder}
}

// giveMetrics saves the stack its own metrics back end.
func (b *bench) giveMetrics(t *testing.T) {
	t.Helper()
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
	}))
	t.Cleanup(sink.Close)
	t.Setenv("VM_ENDPOINTS", sink.URL)
}

// up runs a stack in this process; the function ends it.
func (b *bench) up(t *testing.T) (stop func() error) {
	t.Helper()
	s, err := settings.Read(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- Up(ctx, s, b.folder, &b.out) }()
	var once sync.Once
	var result error
	stop = func() error {
		once.Do(func() { cancel(); result = <-done })
		return result
	}
	t.Cleanup(func() { _ = stop() })
	return stop
}

func (b *bench) awaitReady(t *testing.T) runfolder.State {
	t.Helper()
	var state runfolder.State
	within(t, time.Minute, "stack ready:\n"+b.out.String(), func() bool {
		state, _ = b.folder.Read()
		return state.Ready
	})
	return state
}

func (b *bench) env(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(b.folder.Path(runfolder.EnvFile))
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for scan := bufio.NewScanner(bytes.NewReader(text)); scan.Scan(); {
		name, value, _ := strings.Cut(scan.Text(), "=")
		values[name] = value
	}
	return values
}

func process(t *testing.T, state runfolder.State, name string) runfolder.Process {
	t.Helper()
	for _, p := range state.Processes {
		if p.Name == name {
			return p
		}
	}
	t.Fatalf("no process %s in %+v", name, state)
	return runfolder.Process{}
}

func TestStackStartsHealsAndStops(t *testing.T) {
	b := newBench(t)
	t.Setenv("DEMO_LOG_ROWS", "1000")
	stop := b.up(t)
	state := b.awaitReady(t)
	env := b.env(t)
	for _, name := range []string{"MIRADOR_URL", "MIRADOR_ADMIN_USER", "MIRADOR_ADMIN_PASSWORD", "MIRADOR_ADMIN_TOKEN", "MIRADOR_VIEWER_TOKEN",
		"MIRADOR_EDITOR_TOKEN", "MIRADOR_OTHER_TOKEN", "MIRADOR_NATS_URL", "MIRADOR_VALKEY", "MIRADOR_VM_URL", "MIRADOR_VL_URL", "MIRADOR_VT_URL",
		"MIRADOR_BULK_START", "MIRADOR_BULK_END"} {
		if env[name] == "" {
			t.Errorf("the file for scripts lacks %s", name)
		}
	}
	for _, name := range []string{"gateway", "query", "logs", "traces", "schema", "devstack"} {
		if got, want := env["MIRADOR_PID_"+strings.ToUpper(name)], strconv.Itoa(process(t, state, name).PID); got != want {
			t.Errorf("pid of %s is %q, want %s", name, got, want)
		}
	}
	killed := process(t, state, "query")
	if err := syscall.Kill(killed.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	within(t, 30*time.Second, "query started again", func() bool {
		now, _ := b.folder.Read()
		return process(t, now, "query").PID != killed.PID && process(t, now, "query").Alive()
	})
	healed, _ := b.folder.Read()
	within(t, 10*time.Second, "new pid in the file for scripts", func() bool {
		return b.env(t)["MIRADOR_PID_QUERY"] == strconv.Itoa(process(t, healed, "query").PID)
	})
	if err := stop(); err != nil {
		t.Error(err)
	}
	for _, p := range healed.Processes {
		if p.Name != self && p.Alive() {
			t.Errorf("%s still runs", p.Name)
		}
	}
	for _, file := range []string{"state.json", runfolder.EnvFile} {
		if _, err := os.Stat(b.folder.Path(file)); err == nil {
			t.Errorf("%s is still there", file)
		}
	}
	if err := Clean(b.folder, &b.out); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(b.folder.Path()); err == nil {
		t.Error("clean leaves the folder")
	}
}

func TestSecondStackIsRefused(t *testing.T) {
	b := newBench(t)
	b.giveMetrics(t)
	b.up(t)
	state := b.awaitReady(t)
	s, err := settings.Read(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	err = Up(context.Background(), s, b.folder, &b.out)
	if err == nil || !strings.Contains(err.Error(), state.URL) {
		t.Errorf("error %v, want one that names %s", err, state.URL)
	}
	if err := Clean(b.folder, &b.out); err == nil {
		t.Error("clean removed the folder of a running stack")
	}
}

func TestBrokenServiceIsToldWithItsLog(t *testing.T) {
	b := newBench(t)
	b.giveMetrics(t)
	t.Setenv("FAKE_BROKEN", "query")
	s, err := settings.Read(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	err = Up(context.Background(), s, b.folder, &b.out)
	if err == nil || !strings.Contains(err.Error(), "query") || !strings.Contains(err.Error(), "the disk is on fire") {
		t.Errorf("error %v, want one with the end of the log of query", err)
	}
}

func TestMissingBinaryIsNamed(t *testing.T) {
	b := newBench(t)
	t.Setenv("MIRADOR_BIN_DIR", t.TempDir())
	s, err := settings.Read(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	err = Up(context.Background(), s, b.folder, &b.out)
	if err == nil || !strings.Contains(err.Error(), "make build") {
		t.Errorf("error %v, want one that names make build", err)
	}
}

func TestBackgroundStartAndStop(t *testing.T) {
	b := newBench(t)
	if err := Start(context.Background(), b.folder, &b.out); err != nil {
		t.Fatalf("%v\n%s", err, b.out.String())
	}
	state, err := b.folder.Read()
	if err != nil || !state.Ready {
		t.Fatalf("state %+v (%v) after start, want ready", state, err)
	}
	for _, want := range []string{"✓ gateway", "curl -s " + state.URL, "admin-demo"} {
		if !strings.Contains(b.out.String(), want) {
			t.Errorf("start does not show %q:\n%s", want, b.out.String())
		}
	}
	if err := Status(b.folder, &b.out); err != nil {
		t.Error(err)
	}
	if err := Play(context.Background(), b.folder, 3, &b.out); err != nil || !strings.Contains(b.out.String(), "bad-deploy begins") {
		t.Errorf("fresh incident: %v\n%s", err, b.out.String())
	}
	if err := Stop(b.folder, &b.out); err != nil {
		t.Error(err)
	}
	for _, p := range state.Processes {
		if p.Alive() {
			t.Errorf("%s still runs", p.Name)
		}
	}
	if err := Status(b.folder, &b.out); err == nil {
		t.Error("status finds a stack that was stopped")
	}
}

func TestKilledLauncherLeavesNoOrphans(t *testing.T) {
	b := newBench(t)
	b.giveMetrics(t)
	if err := Start(context.Background(), b.folder, &b.out); err != nil {
		t.Fatalf("%v\n%s", err, b.out.String())
	}
	state, _ := b.folder.Read()
	if err := syscall.Kill(process(t, state, self).PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	within(t, 10*time.Second, "launcher gone", func() bool { return !process(t, state, self).Alive() })
	if err := Stop(b.folder, &b.out); err != nil {
		t.Error(err)
	}
	for _, p := range state.Processes {
		if p.Alive() {
			t.Errorf("%s still runs", p.Name)
		}
	}
}

func TestToldCountsTheRunningStory(t *testing.T) {
	b := newBench(t)
	b.giveMetrics(t)
	if err := Told(b.folder, nil, &b.out); err == nil {
		t.Error("a stack that does not run has told something")
	}
	b.up(t)
	b.awaitReady(t)
	for _, tenant := range []string{"demo", "other"} {
		var out bytes.Buffer
		if err := Told(b.folder, []string{"--start", "now-1h", "--tenant", tenant}, &out); err != nil {
			t.Fatal(err)
		}
		var report demo.Report
		if err := json.Unmarshal(out.Bytes(), &report); err != nil {
			t.Fatal(err)
		}
		if report.Tenant != tenant || report.Logs.Total < 1000 || report.Traces.Spans < 1000 || report.Logs.Written.IsZero() {
			t.Errorf("tenant %s: %d rows, %d spans, written up to %v", tenant, report.Logs.Total, report.Traces.Spans, report.Logs.Written)
		}
	}
	for _, arguments := range [][]string{{"--start", "yesterday-ish"}, {"--end", "x"}, {"--tenant", "nobody"}, {"--frobnicate"}} {
		if err := Told(b.folder, arguments, io.Discard); err == nil {
			t.Errorf("%v was accepted", arguments)
		}
	}
}
