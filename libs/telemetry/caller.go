package telemetry

import (
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
)

// callers names the lines of code that log. It remembers them: there are as
// many as calls of a logger in the program.
type callers struct{ names sync.Map }

// of is "folder/file.go:line", enough to find it and free of build paths.
func (c *callers) of(pc uintptr) string {
	if name, ok := c.names.Load(pc); ok {
		return name.(string)
	}
	frame, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	dir, file := filepath.Split(frame.File)
	name := filepath.Base(dir) + "/" + file + ":" + strconv.Itoa(frame.Line)
	c.names.Store(pc, name)
	return name
}
