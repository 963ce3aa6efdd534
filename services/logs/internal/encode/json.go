package encode

import (
	"io"

	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
)

// lines writes NDJSON: a row whose names are unique is copied as it came.
type lines struct {
	w   io.Writer
	buf []byte
}

// Encode implements Encoder.
func (e *lines) Encode(r *row.Row) error {
	e.buf = append(r.AppendJSON(e.buf[:0]), '\n')
	_, err := e.w.Write(e.buf)
	return err
}

// Close implements Encoder.
func (e *lines) Close() error { return nil }

// array writes a JSON array with one row on a line.
type array struct {
	w    io.Writer
	buf  []byte
	open bool
}

// Encode implements Encoder.
func (e *array) Encode(r *row.Row) error {
	e.buf = r.AppendJSON(append(e.buf[:0], e.separator()...))
	_, err := e.w.Write(e.buf)
	return err
}

func (e *array) separator() string {
	if e.open {
		return ",\n"
	}
	e.open = true
	return "[\n"
}

// Close implements Encoder.
func (e *array) Close() error {
	end := "\n]\n"
	if !e.open {
		end = "[]\n"
	}
	_, err := io.WriteString(e.w, end)
	return err
}
