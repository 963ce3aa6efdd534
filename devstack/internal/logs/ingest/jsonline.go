package ingest

import (
	"bytes"
	"time"
)

// maxLine bounds a line of JSON.
const maxLine = 256 << 10

// JSONLines reads one JSON object a line. What is no object, or no good row, is
// skipped; after a line that is too long the next one is lost, too, as on the
// real server.
func JSONLines(body []byte, c Columns, now time.Time, streams *Streams) (rows []Row) {
	for lines := (lineReader{body}); ; {
		line, ok := lines.next()
		if !ok {
			return rows
		}
		fields, err := Flatten(line, nil)
		if err != nil {
			continue
		}
		if row, ok := c.Row(fields, now, streams); ok {
			rows = append(rows, row)
		}
	}
}

// lineReader cuts a body into lines that are neither blank nor too long.
type lineReader struct{ rest []byte }

func (l *lineReader) next() (line []byte, ok bool) {
	for len(l.rest) > 0 {
		line = bytes.TrimSpace(l.cut())
		if len(line) > maxLine {
			l.cut()
			continue
		}
		if len(line) > 0 {
			return line, true
		}
	}
	return nil, false
}

func (l *lineReader) cut() (line []byte) {
	line, l.rest, _ = bytes.Cut(l.rest, []byte("\n"))
	return line
}
