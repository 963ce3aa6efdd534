package config

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// debounce is how long a folder must be quiet before its file is read: an
// editor or a ConfigMap update touches it several times.
const debounce = 500 * time.Millisecond

// Watch reloads when the content of the file changed, until the context ends,
// and tells report of each reload. It returns at once when there is no file.
func (l *Live[C]) Watch(ctx context.Context, report func(Status)) error {
	file := l.Status().File
	if file == "" {
		return nil
	}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch configuration: %w", err)
	}
	defer func() { _ = w.Close() }()
	// The folder, not the file: editors and ConfigMaps replace the file.
	if err := w.Add(filepath.Dir(file)); err != nil {
		return fmt.Errorf("watch configuration: %w", err)
	}
	l.follow(ctx, w, file, report)
	return nil
}

func (l *Live[C]) follow(ctx context.Context, w *fsnotify.Watcher, file string, report func(Status)) {
	// Due without an event too: the file may have changed before the folder was
	// watched.
	quiet := time.NewTimer(debounce)
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.Events:
			quiet.Reset(debounce)
		case <-w.Errors: //nolint:errcheck // whatever was lost, the file is read anyway
			// An overflow loses events: look at the file as if it had changed.
			quiet.Reset(debounce)
		case <-quiet.C:
			if sum := contentHash(file); sum != l.seen && sum != absent() {
				l.seen = sum
				report(l.Reload())
			}
		}
	}
}

// absent is the hash of a file that cannot be read. Files are away for a
// moment while they are replaced, which is no change.
func absent() [sha256.Size]byte { return [sha256.Size]byte{} }

func contentHash(file string) [sha256.Size]byte {
	b, err := os.ReadFile(file)
	if err != nil {
		return absent()
	}
	return sha256.Sum256(b)
}
