package ingest

import (
	"cmp"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	collectorv1 "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	commonv1 "go.opentelemetry.io/proto/otlp/common/v1"
	logsv1 "go.opentelemetry.io/proto/otlp/logs/v1"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/ingest/otlp"
)

func (h *handler) otlp(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.Header.Get("Content-Type"), jsonType) {
		Fail(w, "json encoding isn't supported for opentelemetry format. Use protobuf encoding")
		return
	}
	tenant, err := Tenant(r.Header)
	if err != nil {
		Fail(w, "cannot parse common params from request: %v", err)
		return
	}
	c := columns(r)
	var rows []Row
	body, err := Body(r)
	if err == nil {
		rows, err = OpenTelemetry(body, c, h.now(), h.streams)
	}
	if err != nil {
		Fail(w, "cannot read OpenTelemetry protocol data: %v", err)
		return
	}
	h.add(tenant, c, rows)
}

// OpenTelemetry reads an export request of logs in protobuf. Resource
// attributes name the stream unless c does; a body that is a map is spread
// into fields.
func OpenTelemetry(body []byte, c Columns, now time.Time, streams *Streams) (rows []Row, err error) {
	var req collectorv1.ExportLogsServiceRequest
	if err := otlp.Unmarshal(body, &req, "ExportLogsServiceRequest"); err != nil {
		return nil, err
	}
	for _, rl := range req.ResourceLogs {
		shared, own := resource(rl.GetResource().GetAttributes(), c)
		for _, sl := range rl.ScopeLogs {
			for _, record := range sl.LogRecords {
				row, ok := own.rowAt(recordTime(record, now), recordFields(record, shared), streams)
				if ok {
					rows = append(rows, row)
				}
			}
		}
	}
	return rows, nil
}

// resource returns the fields of a resource, and c with its stream.
func resource(attributes []*commonv1.KeyValue, c Columns) ([]Field, Columns) {
	fields := appendAttributes(nil, attributes)
	if len(c.Stream) > 0 {
		return fields, c
	}
	for _, f := range fields {
		c.Stream = append(c.Stream, f.Name)
	}
	return fields, c
}

func appendAttributes(into []Field, attributes []*commonv1.KeyValue) []Field {
	otlp.Each("", attributes, func(name, value string) {
		if value != "" {
			into = append(into, Field{Name: name, Value: value})
		}
	})
	return into
}

func recordTime(r *logsv1.LogRecord, now time.Time) int64 {
	return cmp.Or(int64(r.TimeUnixNano), int64(r.ObservedTimeUnixNano), now.UnixNano())
}

func recordFields(r *logsv1.LogRecord, shared []Field) []Field {
	fields := make([]Field, 0, len(shared)+len(r.Attributes)+4)
	fields = append(fields, shared...)
	add := func(name, value string) {
		if value != "" {
			fields = append(fields, Field{Name: name, Value: value})
		}
	}
	if spread := r.GetBody().GetKvlistValue(); spread != nil {
		otlp.Each("", spread.Values, add)
	} else {
		add(msgField, otlp.Text(r.Body))
	}
	otlp.Each("", r.Attributes, add)
	add("severity", severity(r))
	add("trace_id", hex.EncodeToString(r.TraceId))
	add("span_id", hex.EncodeToString(r.SpanId))
	return fields
}

var severities = [...]string{
	"Unspecified", "Trace", "Trace2", "Trace3", "Trace4", "Debug", "Debug2", "Debug3", "Debug4", "Info", "Info2", "Info3", "Info4",
	"Warn", "Warn2", "Warn3", "Warn4", "Error", "Error2", "Error3", "Error4", "Fatal", "Fatal2", "Fatal3", "Fatal4",
}

// severity is the text that the record brings, else the name of its number.
func severity(r *logsv1.LogRecord) string {
	switch n := int(r.SeverityNumber); {
	case r.SeverityText != "":
		return r.SeverityText
	case n >= 0 && n < len(severities):
		return severities[n]
	}
	return severities[0]
}
