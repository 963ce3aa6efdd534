//go:build !linux

package runfolder

import (
	"os/exec"
	"strconv"
	"strings"
)

// birth is the start time of a process as ps prints it, "" when there is none.
func birth(pid int) string {
	out, err := exec.Command("ps", "-o", "lstart=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}
