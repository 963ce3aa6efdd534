// Package encode writes log rows as JSON array, NDJSON, CSV or Parquet, one row
// after the other, in memory that does not grow with their number.
package encode

import (
	"fmt"
	"io"

	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
)

// Format of a body.
type Format string

// The formats.
const (
	JSON    Format = "json"
	NDJSON  Format = "ndjson"
	CSV     Format = "csv"
	Parquet Format = "parquet"
)

// Formats lists all formats.
func Formats() []Format { return []Format{JSON, NDJSON, CSV, Parquet} }

// ParseFormat reads a format; ok is false when there is none of the name.
func ParseFormat(s string) (f Format, ok bool) {
	for _, f := range Formats() {
		if string(f) == s {
			return f, true
		}
	}
	return "", false
}

// ContentType of bodies in the format.
func (f Format) ContentType() string {
	switch f {
	case JSON:
		return "application/json"
	case NDJSON:
		return "application/x-ndjson"
	case CSV:
		return "text/csv; charset=utf-8"
	}
	return "application/octet-stream"
}

// Tabular tells whether the names of all fields must be known in advance.
func (f Format) Tabular() bool { return f == CSV || f == Parquet }

// Encoder writes rows.
type Encoder interface {
	// Encode writes one row, which it does not keep.
	Encode(r *row.Row) error
	// Close completes the body. It does not close the writer.
	Close() error
}

// New returns an encoder of the format onto w. Tabular formats have one column
// for each of the fields, in their order for CSV; what a row has beyond them is
// left out.
func New(f Format, w io.Writer, fields []string) (Encoder, error) {
	switch f {
	case JSON:
		return &array{w: w}, nil
	case NDJSON:
		return &lines{w: w}, nil
	case CSV:
		return newTable(w, fields)
	case Parquet:
		return newColumns(w, fields)
	}
	return nil, fmt.Errorf("no such format: %q", f)
}
