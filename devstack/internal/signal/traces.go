package signal

import (
	"context"
	"time"

	"github.com/platformbuilds/mirador-core/devstack/internal/journey"
	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
	"github.com/platformbuilds/mirador-core/devstack/internal/shoptraces"
	"github.com/platformbuilds/mirador-core/devstack/internal/traces"
	"github.com/platformbuilds/mirador-core/devstack/internal/vmimport"
)

// Spans writes spans into a stand-in of this process.
type Spans struct{ server *traces.Server }

// NewSpans writes into the stand-in.
func NewSpans(s *traces.Server) *Spans { return &Spans{server: s} }

// Write adds the spans of a window.
func (w *Spans) Write(_ context.Context, story *journey.Traffic, tenant vmimport.Tenant, from, to time.Time) error {
	w.server.Add(store.Tenant(tenant), batch(story, from, to).Resources())
	return nil
}

func batch(story *journey.Traffic, from, to time.Time) *shoptraces.Batch {
	b := shoptraces.NewBatch()
	shoptraces.Spans(story, from, to, b.Add)
	return b
}

// SpanUploads writes spans as OpenTelemetry protobuf over HTTP.
type SpanUploads struct{ client *poster }

// NewSpanUploads writes to a VictoriaTraces.
func NewSpanUploads(o Options) *SpanUploads { return &SpanUploads{client: newPoster("traces", o)} }

// Close gives the idle connections back.
func (w *SpanUploads) Close() { w.client.close() }

// Write sends the spans of a window in one request.
func (w *SpanUploads) Write(ctx context.Context, story *journey.Traffic, tenant vmimport.Tenant, from, to time.Time) error {
	body, err := batch(story, from, to).Encode()
	if err != nil {
		return err
	}
	return w.client.post(ctx, "/insert/opentelemetry/v1/traces", "application/x-protobuf", tenant, body)
}
