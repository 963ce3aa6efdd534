package traces

import (
	"encoding/hex"

	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/platformbuilds/mirador-core/devstack/internal/logs/ingest"
	"github.com/platformbuilds/mirador-core/devstack/internal/logs/store"
)

// The names of a span's fields, as VictoriaTraces stores them.
const (
	serviceField   = resourcePrefix + "service.name"
	nameField      = "name"
	traceField     = "trace_id"
	spanField      = "span_id"
	parentField    = "parent_span_id"
	kindField      = "kind"
	startField     = "start_time_unix_nano"
	durationField  = "duration"
	statusField    = "status_code"
	messageField   = "status_message"
	stateField     = "trace_state"
	scopeField     = "scope_name"
	versionField   = "scope_version"
	resourcePrefix = "resource_attr:"
	spanPrefix     = "span_attr:"
	scopePrefix    = "scope_attr:"
)

// span is a row and what finds it again.
type span struct {
	row                    store.Row
	trace, service, opName string
}

// flatten makes a row of every span: _time is its end, the stream its service
// and name.
func flatten(resources []*tracev1.ResourceSpans, streams *ingest.Streams) (all []span) {
	for _, rs := range resources {
		resource := attributes(resourcePrefix, rs.GetResource().GetAttributes())
		for _, ss := range rs.ScopeSpans {
			var scope fields
			scope.attributes(scopePrefix, ss.GetScope().GetAttributes())
			scope.set(scopeField, ss.GetScope().GetName())
			scope.set(versionField, ss.GetScope().GetVersion())
			for _, s := range ss.Spans {
				all = append(all, flattenSpan(s, resource, scope, streams))
			}
		}
	}
	return all
}

func flattenSpan(s *tracev1.Span, resource, scope fields, streams *ingest.Streams) span {
	out := span{trace: hex.EncodeToString(s.TraceId), service: resource.get(serviceField), opName: s.Name}
	f := make(fields, 0, 24+len(resource)+len(s.Attributes)+6*len(s.Events)+8*len(s.Links))
	f.head(s)
	f = append(append(f, resource...), scope...)
	f = append(f, attributes(spanPrefix, s.Attributes)...)
	f.tail(s, out.trace)
	out.row = store.Row{Time: int64(s.EndTimeUnixNano), Fields: f, Stream: streams.Of([]store.Field{
		{Name: nameField, Value: s.Name}, {Name: serviceField, Value: out.service},
	})}
	return out
}
