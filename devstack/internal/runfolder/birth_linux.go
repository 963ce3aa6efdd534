package runfolder

import (
	"bytes"
	"fmt"
	"os"
	"strings"
)

// startField is the place of the start time in /proc/<pid>/stat, counted after
// the command name, which may itself hold blanks.
const startField = 19

// birth is the kernel's start time of a process, "" when there is none. A
// zombie has ended, whoever has not waited for it yet.
func birth(pid int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	rest := string(text[bytes.LastIndexByte(text, ')')+1:])
	fields := strings.Fields(rest)
	if len(fields) <= startField || fields[0] == "Z" || fields[0] == "X" {
		return ""
	}
	return fields[startField]
}
