package traces

import (
	"net/http"
	"strings"
	"time"

	collectorv1 "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/ingest"
	"github.com/platformbuilds/mirador-core/devstack/internal/logs/ingest/otlp"
	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// future is how far ahead of now a span may end, as in VictoriaTraces.
const future = 48 * time.Hour

// Add keeps spans and returns how many: those that ended before the retention
// or end more than two days ahead are dropped. It is how the demo adds spans
// without HTTP; the spans may be changed afterwards.
func (s *Server) Add(t store.Tenant, spans []*tracev1.ResourceSpans) int {
	now := s.opts.Now()
	from, to := now.Add(-s.opts.Retention).UnixNano(), now.Add(future).UnixNano()
	var kept []span
	var rows []store.Row
	for _, sp := range flatten(spans, s.streams) {
		if at := sp.row.Time; at >= from && at <= to {
			kept, rows = append(kept, sp), append(rows, sp.row)
		}
	}
	// Indexed before it can be seen, so that what a search finds is found by id.
	s.index.add(t, kept, from)
	return s.store.Add(t, rows)
}

func (s *Server) insert(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		ingest.Fail(w, "json encoding isn't supported for opentelemetry format. Use protobuf encoding")
		return
	}
	tenant, err := ingest.Tenant(r.Header)
	if err != nil {
		ingest.Fail(w, "cannot parse common params from request: %v", err)
		return
	}
	var req collectorv1.ExportTraceServiceRequest
	body, err := ingest.Body(r)
	if err == nil {
		err = otlp.Unmarshal(body, &req, "ExportTraceServiceRequest")
	}
	if err != nil {
		ingest.Fail(w, "cannot read OpenTelemetry protocol data: %v", err)
		return
	}
	s.Add(tenant, req.ResourceSpans)
}
