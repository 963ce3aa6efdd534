package child

import "syscall"

// attributes give the program a group of its own, so that Ctrl-C reaches only
// the supervisor, and let the kernel end it when the supervisor is killed.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
