package ingest

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

var errLabels = errors.New("cannot parse stream labels")

// LokiProtobuf reads Loki's push request in protobuf, not packed anymore:
// PushRequest{1: Stream{1: labels, 2: Entry{1: Timestamp, 2: line, 3: Label{1, 2}}}}.
func LokiProtobuf(body []byte, c Columns, now time.Time, streams *Streams) (rows []Row, err error) {
	err = each(body, func(n protowire.Number, v []byte, _ uint64) error {
		if n != 1 {
			return nil
		}
		rows, err = lokiStream(v, rows, c, now, streams)
		return err
	})
	return rows, err
}

func lokiStream(stream []byte, rows []Row, c Columns, now time.Time, streams *Streams) ([]Row, error) {
	var labels []Field
	var entries []entry
	err := each(stream, func(n protowire.Number, v []byte, _ uint64) (err error) {
		switch n {
		case 1:
			labels, err = lokiLabels(string(v))
		case 2:
			var e entry
			e, err = lokiEntry(v, now)
			entries = append(entries, e)
		}
		return err
	})
	for _, e := range entries {
		rows = e.appendRow(rows, labels, c, streams)
	}
	return rows, err
}

func lokiEntry(b []byte, now time.Time) (e entry, err error) {
	err = each(b, func(n protowire.Number, v []byte, _ uint64) error {
		switch n {
		case 1:
			return each(v, func(n protowire.Number, _ []byte, x uint64) error {
				e.at += int64(x) * map[protowire.Number]int64{1: 1e9, 2: 1}[n]
				return nil
			})
		case 2:
			e.line = string(v)
		case 3:
			f, err := lokiLabel(v)
			e.extra = append(e.extra, f)
			return err
		}
		return nil
	})
	if e.at == 0 {
		e.at = now.UnixNano()
	}
	return e, err
}

func lokiLabel(b []byte) (f Field, err error) {
	err = each(b, func(n protowire.Number, v []byte, _ uint64) error {
		switch n {
		case 1:
			f.Name = string(v)
		case 2:
			f.Value = string(v)
		}
		return nil
	})
	return f, err
}

// lokiLabels reads {name="value", ...}.
func lokiLabels(text string) (all []Field, err error) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), "{")
	for ok {
		rest = strings.TrimLeft(rest, " ,")
		if rest == "}" {
			return all, nil
		}
		var name, quoted string
		if name, rest, ok = strings.Cut(rest, "="); !ok {
			break
		}
		if quoted, err = strconv.QuotedPrefix(rest); err != nil {
			break
		}
		rest = rest[len(quoted):]
		value, _ := strconv.Unquote(quoted) // QuotedPrefix has checked it
		all = append(all, Field{Name: strings.TrimSpace(name), Value: value})
	}
	return nil, errLabels
}
