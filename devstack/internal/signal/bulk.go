package signal

import (
	"context"
	"strconv"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
	"github.com/platformbuilds/mirador-core/devstack/internal/shoplogs"
	"github.com/platformbuilds/mirador-core/devstack/internal/vmimport"
)

const (
	// bulkPage is how many rows are added at once.
	bulkPage = 8192
	// bulkFields is how many fields each of them has.
	bulkFields = 7
)

// Bulk adds the rows of b with the marker of their tenant until the context
// ends.
func (w *Rows) Bulk(ctx context.Context, tenant vmimport.Tenant, marker string, b shoplogs.Bulk) error {
	streams := map[string]*store.Stream{}
	for i := range 4 {
		instance := b.Instance(i)
		streams[instance] = store.NewStream([]store.Field{{Name: "service", Value: shoplogs.BulkService},
			{Name: "instance", Value: instance}, {Name: "env", Value: shoplogs.BulkService}})
	}
	for first := 0; first < b.Rows; first += bulkPage {
		if err := ctx.Err(); err != nil {
			return err
		}
		w.store.Add(store.Tenant(tenant), bulkRows(b, first, min(first+bulkPage, b.Rows), marker, streams))
	}
	return nil
}

func bulkRows(b shoplogs.Bulk, first, end int, marker string, streams map[string]*store.Stream) []store.Row {
	rows := make([]store.Row, 0, end-first)
	fields := make([]store.Field, 0, (end-first)*bulkFields) // one piece for all: rows by the million
	for i := first; i < end; i++ {
		instance, at := b.Instance(i), len(fields)
		fields = append(fields, store.Field{Name: "_msg", Value: b.Message(i)},
			store.Field{Name: "service", Value: shoplogs.BulkService}, store.Field{Name: "instance", Value: instance},
			store.Field{Name: "env", Value: shoplogs.BulkService}, store.Field{Name: "level", Value: b.Level(i)},
			store.Field{Name: "marker", Value: marker}, store.Field{Name: "n", Value: strconv.Itoa(i)})
		rows = append(rows, store.Row{Time: b.Time(i).UnixNano(), Stream: streams[instance], Fields: fields[at:len(fields):len(fields)]})
	}
	return rows
}
