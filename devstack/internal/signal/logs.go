package signal

import (
	"bytes"
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/journey"
	"github.com/platformbuilds/mirador-core/devstack/internal/logs/ingest"
	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
	"github.com/platformbuilds/mirador-core/devstack/internal/shoplogs"
	"github.com/platformbuilds/mirador-core/devstack/internal/vmimport"
)

// Rows writes log rows into a stand-in of this process.
type Rows struct {
	store   *store.Store
	streams *ingest.Streams
}

// NewRows writes into the store.
func NewRows(s *store.Store) *Rows { return &Rows{store: s, streams: ingest.NewStreams()} }

// Write adds the rows of a window in order of time.
func (w *Rows) Write(_ context.Context, story *journey.Traffic, tenant vmimport.Tenant, from, to time.Time) error {
	var rows []store.Row
	var labels, fields []shoplogs.Field
	shoplogs.Rows(story, from, to, func(r *shoplogs.Row) {
		var message string
		labels = r.Labels(labels[:0])
		message, fields = r.Fields(fields[:0])
		rows = append(rows, w.streams.Row(r.Time, message, kept(labels), kept(fields)))
	})
	slices.SortStableFunc(rows, func(a, b store.Row) int { return cmp.Compare(a.Time, b.Time) })
	w.store.Add(store.Tenant(tenant), rows)
	return nil
}

func kept(fields []shoplogs.Field) []store.Field {
	list := make([]store.Field, len(fields))
	for i, f := range fields {
		list[i] = store.Field(f)
	}
	return list
}

// LogLines writes log rows as JSON lines over HTTP.
type LogLines struct{ client *poster }

// NewLogLines writes to a VictoriaLogs.
func NewLogLines(o Options) *LogLines { return &LogLines{client: newPoster("logs", o)} }

// Close gives the idle connections back.
func (w *LogLines) Close() { w.client.close() }

// Write sends the rows of a window in one request.
func (w *LogLines) Write(ctx context.Context, story *journey.Traffic, tenant vmimport.Tenant, from, to time.Time) error {
	var body bytes.Buffer
	var line []byte
	shoplogs.Rows(story, from, to, func(r *shoplogs.Row) {
		line = r.AppendJSON(line[:0])
		body.Write(line)
	})
	arguments := url.Values{"_stream_fields": {strings.Join(shoplogs.Stream(), ",")}, "_time_field": {"_time"}, "_msg_field": {"_msg"}}
	return w.client.post(ctx, "/insert/jsonline?"+arguments.Encode(), "application/stream+json", tenant, body.Bytes())
}
