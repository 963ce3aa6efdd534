package child

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// run supervises a shell script; stop ends it and gives its output.
func run(t *testing.T, script string, change func(*Options)) (starts func() int, output func() string, stop func()) {
	t.Helper()
	var mu sync.Mutex
	count := 0
	o := Options{
		Name: "test", Path: "/bin/sh", Args: []string{"-c", script}, LogFile: filepath.Join(t.TempDir(), "log"),
		Pause: time.Millisecond, MaxPause: 4 * time.Millisecond, Log: slog.New(slog.DiscardHandler),
		Started: func(int) { mu.Lock(); defer mu.Unlock(); count++ },
	}
	change(&o)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- Run(ctx, o) }()
	starts = func() int { mu.Lock(); defer mu.Unlock(); return count }
	output = func() string { text, _ := os.ReadFile(o.LogFile); return string(text) }
	stop = func() {
		cancel()
		select {
		case <-done:
		case <-time.After(20 * time.Second):
			t.Error("Run has not ended 20 s after its context")
		}
	}
	return starts, output, stop
}

func within(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within 20 s: %s", what)
		}
	}
}

func none(*Options) {}

func TestWhoEndsIsStartedAgain(t *testing.T) {
	starts, output, stop := run(t, "echo here; exit 3", none)
	within(t, "four starts", func() bool { return starts() >= 4 })
	stop()
	if got := strings.Count(output(), "here\n"); got < 3 {
		t.Errorf("the log holds %d of the runs, want all", got)
	}
}

func TestProgramThatIsNotThereIsTriedAgain(t *testing.T) {
	starts, _, stop := run(t, "", func(o *Options) { o.Path = "/nowhere/at/all" })
	stop()
	if starts() != 0 {
		t.Error("a missing program was started")
	}
}

func TestStopAsksFirst(t *testing.T) {
	starts, output, stop := run(t, "trap 'echo bye; exit 0' TERM; echo on; while :; do sleep 0.02; done", none)
	within(t, "program runs", func() bool { return strings.Contains(output(), "on") })
	stop()
	if !strings.Contains(output(), "bye") || starts() != 1 {
		t.Errorf("%d starts, log %q: want one that says bye", starts(), output())
	}
}

func TestStopKillsWhoDoesNotListen(t *testing.T) {
	_, output, stop := run(t, "trap '' TERM; echo on; while :; do sleep 0.02; done",
		func(o *Options) { o.Grace = 100 * time.Millisecond })
	within(t, "program runs", func() bool { return strings.Contains(output(), "on") })
	stop()
}
