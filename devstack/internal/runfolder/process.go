package runfolder

import (
	"errors"
	"os"
	"syscall"
	"time"
)

// Self describes a living process under a name.
func Self(name string, pid int) Process {
	return Process{Name: name, PID: pid, Birth: birth(pid)}
}

// Alive says whether the process still runs; another one that got the same id
// later does not count.
func (p Process) Alive() bool {
	return p.PID > 0 && p.Birth != "" && birth(p.PID) == p.Birth
}

// End asks the process to stop, and kills it when it has not within grace.
func (p Process) End(grace time.Duration) error {
	if !p.Alive() {
		return nil
	}
	if err := p.signal(syscall.SIGTERM); err != nil {
		return err
	}
	if p.gone(grace) {
		return nil
	}
	if err := p.signal(syscall.SIGKILL); err != nil {
		return err
	}
	p.gone(5 * time.Second)
	return nil
}

func (p Process) signal(s syscall.Signal) error {
	if err := syscall.Kill(p.PID, s); err != nil && !errors.Is(err, os.ErrProcessDone) && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return nil
}

// gone polls: a process that is not our child cannot be waited for.
func (p Process) gone(within time.Duration) bool {
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if !p.Alive() {
			return true
		}
	}
	return !p.Alive()
}
