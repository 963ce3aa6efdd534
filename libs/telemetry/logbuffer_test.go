package telemetry

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// writes counts what reaches the log.
type writes struct {
	mu    sync.Mutex
	text  bytes.Buffer
	calls int
	err   error
}

func (w *writes) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
	w.text.Write(p)
	return len(p), w.err
}

func (w *writes) seen() (calls, lines int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls, strings.Count(w.text.String(), "\n")
}

func TestLinesLeaveTogetherInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &writes{}
		b := NewLogBuffer(w)
		log := NewLogger(b, slog.LevelInfo, "test")
		for range 10 {
			log.Info("line")
		}
		if calls, _ := w.seen(); calls != 0 {
			t.Errorf("%d writes at once", calls)
		}
		time.Sleep(logWait)
		synctest.Wait()
		if calls, lines := w.seen(); calls != 1 || lines != 10 {
			t.Errorf("%d lines in %d writes, want 10 in 1", lines, calls)
		}
		log.Info("line")
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		if _, lines := w.seen(); lines != 11 {
			t.Errorf("%d lines after the end, want 11", lines)
		}
		log.Info("line")
		if _, lines := w.seen(); lines != 12 {
			t.Error("a line after the end is lost")
		}
	})
}

func TestWarningsLeaveAtOnceAndInOrder(t *testing.T) {
	w := &writes{}
	b := NewLogBuffer(w)
	log := NewLogger(b, slog.LevelInfo, "test").With("a", 1).WithGroup("g")
	log.Info("first")
	log.Warn("second")
	text := w.text.String()
	if !strings.Contains(text, "first") || strings.Index(text, "first") > strings.Index(text, "second") {
		t.Errorf("got %q", text)
	}
	log.Error("third")
	if _, lines := w.seen(); lines != 3 {
		t.Errorf("%d lines, want 3", lines)
	}
}

func TestWaitingLinesAreBounded(t *testing.T) {
	w := &writes{}
	b := NewLogBuffer(w)
	defer b.Close()
	line := []byte(strings.Repeat("x", 1023) + "\n")
	for range logHold / len(line) {
		_, _ = b.Write(line)
	}
	if calls, lines := w.seen(); calls != 1 || lines != logHold/len(line) {
		t.Errorf("%d lines in %d writes", lines, calls)
	}
}

func TestBrokenLogIsTold(t *testing.T) {
	w := &writes{err: io.ErrClosedPipe}
	b := NewLogBuffer(w)
	if _, err := b.Write([]byte("x\n")); err != nil {
		t.Error(err)
	}
	if err := b.Flush(); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
	if _, err := b.Write([]byte("y\n")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("the next line is not told: %v", err)
	}
	_ = b.Close()
}
