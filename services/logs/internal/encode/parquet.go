package encode

import (
	"fmt"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go"

	"github.com/platformbuilds/mirador-core/services/logs/internal/row"
)

const (
	// groupRows and groupBytes bound what is held in memory: a group of rows is
	// written when either is reached.
	groupRows  = 50_000
	groupBytes = 16 << 20
	// pagesBytes is shared by the pages of all columns.
	pagesBytes = 16 << 20
	// timeText keeps times that are none.
	timeText = "_time_text"
)

// columns writes Parquet: each field is an optional text, `_time` an optional
// timestamp in nanoseconds, UTC. A `_time` that is no such time is null, and its
// text stands in `_time_text`.
type columns struct {
	w      *parquet.GenericWriter[any]
	index  map[string]int
	row    parquet.Row
	batch  []parquet.Row
	rows   int
	bytes  int
	timeAt int
}

func newColumns(w io.Writer, fields []string) (*columns, error) {
	group := parquet.Group{}
	for _, name := range fields {
		group[name] = parquet.Optional(parquet.String())
	}
	if slices.Contains(fields, row.Time) {
		group[row.Time] = parquet.Optional(parquet.Timestamp(parquet.Nanosecond))
		group[timeText] = parquet.Optional(parquet.String())
	}
	schema := parquet.NewSchema("logs", group)
	page := max(4<<10, min(256<<10, pagesBytes/max(1, len(group))))
	cfg, err := parquet.NewWriterConfig(schema, parquet.PageBufferSize(page), parquet.WriteBufferSize(0), parquet.Compression(&parquet.Snappy))
	if err != nil {
		return nil, fmt.Errorf("configure parquet: %w", err)
	}
	c := &columns{w: parquet.NewGenericWriter[any](w, cfg), index: make(map[string]int, len(group)), timeAt: -1}
	for i, path := range schema.Columns() {
		c.index[path[0]] = i
	}
	if i, ok := c.index[row.Time]; ok {
		c.timeAt = i
	}
	c.row, c.batch = make(parquet.Row, len(group)), make([]parquet.Row, 1)
	return c, nil
}

// Encode implements Encoder.
func (c *columns) Encode(r *row.Row) error {
	for i := range c.row {
		c.row[i] = parquet.NullValue().Level(0, 0, i)
	}
	for _, f := range r.Fields() {
		c.set(f)
	}
	c.batch[0] = c.row
	if _, err := c.w.WriteRows(c.batch); err != nil {
		return fmt.Errorf("write parquet row: %w", err)
	}
	return c.grown()
}

func (c *columns) set(f row.Field) {
	i, ok := c.index[f.Name]
	if !ok {
		return
	}
	text := f.Text()
	c.bytes += len(text) + 8
	if i == c.timeAt {
		if t, ok := row.ParseTime(text); ok && t.Year() > 1677 && t.Year() < 2262 {
			c.row[i] = parquet.Int64Value(t.UnixNano()).Level(0, 1, i)
			return
		}
		i = c.index[timeText]
	}
	c.row[i] = parquet.ByteArrayValue([]byte(text)).Level(0, 1, i)
}

// grown writes the group when it is large enough.
func (c *columns) grown() error {
	if c.rows++; c.rows < groupRows && c.bytes < groupBytes {
		return nil
	}
	c.rows, c.bytes = 0, 0
	if err := c.w.Flush(); err != nil {
		return fmt.Errorf("write parquet rows: %w", err)
	}
	return nil
}

// Close implements Encoder.
func (c *columns) Close() error {
	if err := c.w.Close(); err != nil {
		return fmt.Errorf("complete parquet: %w", err)
	}
	return nil
}
