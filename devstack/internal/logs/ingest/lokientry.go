package ingest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// entry is one line of a push.
type entry struct {
	at    int64
	line  string
	extra []Field
}

func lokiValue(v []json.RawMessage, now time.Time) (e entry, err error) {
	if len(v) < 2 || len(v) > 3 {
		return e, fmt.Errorf("unexpected number of values in the line array: %d; want 2 or 3", len(v))
	}
	var at string
	if err := json.Unmarshal(v[0], &at); err != nil {
		return e, fmt.Errorf("unexpected log timestamp type; want string: %w", err)
	}
	if e.at, err = lokiTime(at, now); err != nil {
		return e, err
	}
	if err := json.Unmarshal(v[1], &e.line); err != nil {
		return e, fmt.Errorf("unexpected log message type; want string: %w", err)
	}
	if len(v) == 3 {
		e.extra, err = Flatten(v[2], nil)
	}
	return e, err
}

func lokiTime(text string, now time.Time) (int64, error) {
	if text == "" || text == "0" {
		return now.UnixNano(), nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("cannot parse log timestamp %q: %w", text, err)
	}
	return n, nil
}

// appendRow adds the entry as a row, if it is a good one.
func (e entry) appendRow(rows []Row, labels []Field, c Columns, streams *Streams) []Row {
	fields := append([]Field(nil), labels...)
	if spread, err := Flatten([]byte(e.line), fields); err == nil {
		fields = spread
	} else if e.line != "" {
		fields = append(fields, Field{Name: msgField, Value: e.line})
	}
	if len(c.Stream) == 0 {
		for _, l := range labels {
			c.Stream = append(c.Stream, l.Name)
		}
	}
	if row, ok := c.rowAt(e.at, append(fields, e.extra...), streams); ok {
		rows = append(rows, row)
	}
	return rows
}

// fieldsOf returns the entries of a map in the order of their names.
func fieldsOf(m map[string]string) (all []Field) {
	for name, value := range m {
		if value != "" {
			all = append(all, Field{Name: name, Value: value})
		}
	}
	slices.SortFunc(all, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
	return all
}
