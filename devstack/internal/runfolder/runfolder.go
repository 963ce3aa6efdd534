// Package runfolder is the data folder of a stack (.run): where its files are,
// what keeps a second stack out of it, which processes it has, and the
// variables it leaves for scripts.
package runfolder

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// ErrRunning says that a stack runs in the folder already.
var ErrRunning = errors.New("a stack is running already")

// Folder is one data folder. All files in it are for their owner only.
type Folder struct {
	root string
	lock *os.File
}

// At names a folder; nothing is made yet. The path becomes absolute, so that
// children may work elsewhere.
func At(root string) (*Folder, error) {
	absolute, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("run folder: %w", err)
	}
	return &Folder{root: absolute}, nil
}

// Path joins parts below the folder.
func (f *Folder) Path(parts ...string) string {
	return filepath.Join(append([]string{f.root}, parts...)...)
}

// Make creates the folder with its parts.
func (f *Folder) Make() error {
	for _, part := range []string{"data", "logs", "secrets"} {
		if err := os.MkdirAll(f.Path(part), 0o700); err != nil {
			return fmt.Errorf("make run folder: %w", err)
		}
	}
	return nil
}

// Lock keeps the folder for this process until Unlock or its end; ErrRunning
// when another one has it.
func (f *Folder) Lock() error {
	file, err := os.OpenFile(f.Path("lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("lock run folder: %w", err)
	}
	for range 10 {
		if err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
			f.lock = file
			return nil
		}
		time.Sleep(20 * time.Millisecond) // somebody may only be asking, see Running
	}
	_ = file.Close()
	return ErrRunning
}

// Unlock gives the folder free.
func (f *Folder) Unlock() {
	if f.lock != nil {
		_ = f.lock.Close()
		f.lock = nil
	}
}

// Running says whether a process holds the folder.
func (f *Folder) Running() bool {
	probe := &Folder{root: f.root}
	if _, err := os.Stat(f.Path("lock")); err != nil {
		return false
	}
	err := probe.Lock()
	probe.Unlock()
	return errors.Is(err, ErrRunning)
}

// Remove deletes the folder, unless a stack runs in it.
func (f *Folder) Remove() error {
	if f.Running() {
		return ErrRunning
	}
	if err := os.RemoveAll(f.root); err != nil {
		return fmt.Errorf("remove run folder: %w", err)
	}
	return nil
}

// Write replaces a file of the folder in one step.
func (f *Folder) Write(name string, text []byte) error {
	path := f.Path(name)
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("replace %s: %w", name, err)
	}
	return nil
}
