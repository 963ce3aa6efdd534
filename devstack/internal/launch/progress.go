package launch

import (
	"fmt"
	"io"
	"os"
)

// progress shows one line per part: on a terminal a part at work is rewritten
// when it is done, elsewhere only the finished line is printed.
type progress struct {
	out      io.Writer
	terminal bool
}

func newProgress(out io.Writer) progress {
	file, ok := out.(*os.File)
	if !ok {
		return progress{out: out}
	}
	info, err := file.Stat()
	return progress{out: out, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

func (p progress) working(part, detail string) {
	if p.terminal {
		p.print("\r\033[K  … %-17s %s", part, detail)
	}
}

func (p progress) done(part, detail string) { p.line("✓", part, detail) }

// left says that a part is not started, and why.
func (p progress) left(part, why string) { p.line("–", part, why) }

func (p progress) line(sign, part, detail string) {
	if p.terminal {
		p.print("\r\033[K")
	}
	p.print("  %s %-17s %s\n", sign, part, detail)
}

// print ignores faults: a closed terminal must not end the stack.
func (p progress) print(format string, arguments ...any) {
	_, _ = fmt.Fprintf(p.out, format, arguments...)
}
