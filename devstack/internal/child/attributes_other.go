//go:build !linux

package child

import "syscall"

// attributes give the program a group of its own, so that Ctrl-C reaches only
// the supervisor. Here the kernel does not end it with a killed supervisor:
// the next start or stop does, by the state file.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
