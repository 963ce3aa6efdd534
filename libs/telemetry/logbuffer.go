package telemetry

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

const (
	// logWait is how long a line may wait for others.
	logWait = 200 * time.Millisecond
	// logHold is how many bytes may wait.
	logHold = 64 << 10
)

// LogBuffer gathers lines of a log, so that the access log does not cost every
// request a system call. Lines wait for 200 ms and 64 KiB at most; a process
// that is killed loses those that wait. It must be closed, after which it
// writes through. It is safe for concurrent use.
type LogBuffer struct {
	to io.Writer

	mu     sync.Mutex
	lines  []byte
	timer  *time.Timer
	err    error
	closed bool
}

// NewLogBuffer returns a buffer in front of a log.
func NewLogBuffer(to io.Writer) *LogBuffer { return &LogBuffer{to: to} }

// Write takes one line or more. The error may be that of an earlier line.
func (b *LogBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines = append(b.lines, p...)
	if b.closed || len(b.lines) >= logHold {
		b.flush()
	} else if b.timer == nil {
		b.timer = time.AfterFunc(logWait, func() { _ = b.Flush() }) // the next Write tells
	}
	err := b.err
	b.err = nil
	return len(p), err
}

// Flush writes what waits.
func (b *LogBuffer) Flush() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.flush()
	return b.err
}

// Close writes what waits, and from then on every line at once.
func (b *LogBuffer) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.flush()
	return b.err
}

func (b *LogBuffer) flush() {
	if b.timer != nil {
		b.timer.Stop()
		b.timer = nil
	}
	if len(b.lines) == 0 {
		return
	}
	if _, err := b.to.Write(b.lines); err != nil {
		b.err = errors.Join(b.err, fmt.Errorf("write log: %w", err))
	}
	b.lines = b.lines[:0]
}
